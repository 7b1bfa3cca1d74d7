/** Dialogues in a JSON file, as MultiWOZ has them. */
import { InputError } from '../shared/errors';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/**
 * The lines of all dialogues as text, `Speaker: utterance`, with an empty line between dialogues. `json`: a list of dialogues, or an object
 * with a list `dialogues`; each has a list `turns` of objects with `utterance` and perhaps `speaker`. @throws InputError if it has none
 */
export function textOfDialogues(json: string, refusal: string): string {
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch {
    throw new InputError(refusal);
  }
  const list = isRecord(content) && 'dialogues' in content ? content.dialogues : content;
  const dialogues = (Array.isArray(list) ? list : []).map((dialogue) => {
    const turns = isRecord(dialogue) && Array.isArray(dialogue.turns) ? dialogue.turns : [];
    return turns.flatMap((turn) => {
      if (!isRecord(turn) || typeof turn.utterance !== 'string') return [];
      const speaker = typeof turn.speaker === 'string' ? turn.speaker.toLowerCase() : '';
      const name = speaker === 'user' ? 'Person 1' : speaker === 'system' ? 'Person 2' : speaker;
      return [`${name ? `${name}: ` : ''}${turn.utterance}\n`];
    });
  });
  const text = dialogues
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join(''))
    .join('\n');
  if (text === '') throw new InputError(refusal);
  return text;
}
