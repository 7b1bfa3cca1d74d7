import { App } from './app';

void new App(location.search).start();
