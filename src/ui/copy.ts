/** Selects the text of a field and copies it. False if the browser forbids that: the person then copies what is selected. */
export async function copyField(field: HTMLInputElement): Promise<boolean> {
  field.focus();
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    // Over plain http and in some frames there is no clipboard. The older call of browsers still works in most of them.
    return document.execCommand('copy');
  }
}
