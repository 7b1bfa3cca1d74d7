import type { State } from '../../state/schema';

/** The early token that the selected late one repeats, in the input "twins". */
export const twinOf = ({ token, n }: Pick<State, 'token' | 'n'>): number => Math.min(token, n - 1) - Math.ceil(n / 2);
