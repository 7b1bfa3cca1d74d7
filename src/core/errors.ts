/** Something a person gave cannot be used. The message is one sentence that names the value and what would do. */
export class InputError extends Error {
  override name = 'InputError';
}
