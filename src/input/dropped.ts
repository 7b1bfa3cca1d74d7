import { page as words } from '../language/page';
import { InputError, quote } from '../shared/errors';

/** True if something is dragged that the page should take or refuse itself. A text that is dragged over a text field is left to the field. */
export const isForPage = ({ dataTransfer, target }: DragEvent): boolean =>
  dataTransfer?.types.includes('Files') || !(target instanceof Element && target.closest('input, textarea'));

/** The file that was dropped. @throws InputError with one sentence if it was a text, a link, a folder, or several files */
export function droppedFile(data: DataTransfer | null): File {
  const { folder, link, nothing, severalFiles, text } = words.dropErrors;
  const [file, ...others] = data?.files ?? [];
  const entries = [...(data?.items ?? [])].map((item) => item.webkitGetAsEntry?.());
  const directory = entries.find((entry) => entry?.isDirectory);
  if (directory) throw new InputError(folder(quote(directory.name)));
  if (others.length > 0) throw new InputError(severalFiles(1 + others.length));
  if (file) return file;
  const types = data?.types ?? [];
  throw new InputError(types.includes('text/uri-list') ? link : types.length > 0 ? text : nothing);
}
