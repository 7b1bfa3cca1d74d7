import { describe, expect, test } from 'vitest';
import { ByteBpe } from '../../src/text/byte-bpe';
import { dialogue, refusal } from '../../src/text/guide/dialogue';
import { endMark, entropyOf, formatDialogue, guideRanges, promptOf } from '../../src/text/guide/format';
import { judgeReply } from '../../src/text/guide/judge';
import { isHeldOutName } from '../../src/text/guide/names';
import { intentNames, offTopics, phrasings } from '../../src/text/guide/phrasings';
import type { Slot, Turn } from '../../src/text/guide/turn';

const seeds = 800;
const training = Array.from({ length: seeds }, (_, seed) => dialogue(seed));
const suite = Array.from({ length: seeds }, (_, seed) => dialogue(seed, { heldOut: true }));
const all = [...training, ...suite];
/** The pieces that the model learns with. */
const tokens = ByteBpe.train(training.map(formatDialogue).join(''), 512);

/** True if the text holds the value directly after its cue. "my name is X" is the only form with a word between. */
const holds = (text: string, { cue, value }: Slot): boolean =>
  new RegExp(`\\b${cue}(?: is)? ${value}(?![\\w'-])`, 'i').test(text);

const quantile = (values: number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)];

/** Towns and people, by the slots that hold them. */
const namesOf = (dialogues: Turn[][]): Set<string> =>
  new Set(
    dialogues.flatMap((turns) =>
      turns.flatMap(({ slots }) =>
        slots
          .filter(({ name, value }) => name === 'name' || (name === 'to' && !value.startsWith('the ')))
          .map(({ value }) => value),
      ),
    ),
  );

/** The line with a dash for each value of a slot, and one form for one and many. */
const template = ({ text, slots }: Turn): string =>
  slots
    .reduce(
      (line, { cue, value }) => line.replace(new RegExp(`(\\b${cue}(?: is)?) ${value}(?![\\w'-])`, 'i'), '$1 -'),
      text,
    )
    .replace(' - person', ' - people')
    .replace(/ - night\b/, ' - nights');

/**
 * What the guide's lines depend on: the lines since its last one that was no question, what is booked, and whether it has a name. The values
 * are left out.
 */
function situationsOf(turns: Turn[]): { situation: string; line: string; choices: number }[] {
  const booked: string[] = [];
  let hasName = false;
  let recent: string[] = [];
  return turns.flatMap((turn) => {
    const line = template(turn);
    const situation = JSON.stringify([recent, booked, hasName]);
    if (turn.speaker === 'visitor' || turn.kind === 'ask') recent.push(line);
    else recent = [line];
    if (turn.slots.some(({ name }) => name === 'name')) hasName = true;
    if (turn.text.startsWith('Done.')) booked.push(...[...line.matchAll(/Your (\w+)/g)].map(([, service]) => service));
    return turn.speaker === 'visitor' ? [] : [{ situation, line, choices: Math.round(Math.exp(turn.nats)) }];
  });
}

describe('a dialogue', () => {
  test('is the same for the same seed and differs for other seeds', () => {
    expect(dialogue(7)).toEqual(training[7]);
    expect(dialogue(7, { heldOut: true })).toEqual(suite[7]);
    expect(new Set(training.map(formatDialogue)).size).toBeGreaterThan(0.98 * seeds);
  });

  test('has 2 to 8 exchanges, the visitor first, and ends with a goodbye', () => {
    for (const turns of all) {
      expect(turns.length / 2).toBeGreaterThanOrEqual(2);
      expect(turns.length / 2).toBeLessThanOrEqual(8);
      expect(turns.map(({ speaker }) => speaker)).toEqual(turns.map((_, i) => (i % 2 ? 'guide' : 'visitor')));
      expect(turns.map(({ kind }) => kind).indexOf('goodbye')).toBe(turns.length - 1);
    }
  });

  test('holds each slot directly after its cue', () => {
    let slots = 0;
    for (const turns of all) {
      for (const turn of turns) {
        for (const slot of turn.slots) {
          slots++;
          if (!holds(turn.text, slot)) expect.fail(`${JSON.stringify(slot)} is not in ${turn.text}`);
        }
      }
    }
    expect(slots).toBeGreaterThan(10 * seeds);
  });

  test('gives the guide only values that an earlier line holds after the same cue', () => {
    for (const turns of all) {
      turns.forEach(({ speaker, kind, slots, text }, index) => {
        if (speaker === 'visitor' || kind === 'advice') return;
        for (const slot of slots) {
          const earlier = turns.slice(0, index).some((turn) => holds(turn.text, slot));
          if (!earlier) expect.fail(`Nothing before "${text}" holds ${slot.cue} ${slot.value}.`);
        }
      });
    }
  });

  test('gives all of its kinds of lines, and about a tenth of refusals', () => {
    for (const dialogues of [training, suite]) {
      const lines = dialogues.flat().filter(({ speaker }) => speaker === 'guide');
      const share = (kind: string) => lines.filter((turn) => turn.kind === kind).length / lines.length;
      for (const kind of ['welcome', 'ask', 'answer', 'advice', 'talk', 'goodbye'])
        expect(share(kind)).toBeGreaterThan(0.03);
      expect(share('declined')).toBeGreaterThan(0.08);
      expect(share('declined')).toBeLessThan(0.12);
      expect(lines.filter(({ text }) => text.startsWith('Changed.')).length).toBeGreaterThan(50);
    }
  });

  test('has a median of about 250 tokens and fits into 512', () => {
    const lengths = training.map((turns) => tokens.encode(formatDialogue(turns)).length);
    expect(quantile(lengths, 0.5)).toBeGreaterThan(230);
    expect(quantile(lengths, 0.5)).toBeLessThan(290);
    expect(quantile(lengths, 1)).toBeLessThan(512);
  });

  test('has names of several tokens, half of which the guide last saw more than 56 tokens before', () => {
    const distances: number[] = [];
    for (const turns of training.slice(0, 500)) {
      turns.forEach(({ speaker, slots, text }, index) => {
        const slot = slots.find(({ name }) => name === 'name');
        if (speaker === 'visitor' || !slot) return;
        const before = `${promptOf(turns, index)} ${text.slice(0, text.lastIndexOf(slot.value) - 1)}`;
        distances.push(tokens.encode(before.slice(before.lastIndexOf(` ${slot.value}`))).length);
      });
    }
    expect(quantile(distances, 0.5)).toBeGreaterThan(56);
    expect(quantile(distances, 0.95)).toBeGreaterThan(150);
    for (const name of namesOf(all)) expect(tokens.encode(` ${name}`).length).toBeGreaterThan(1);
  });
});

describe('held-out dialogues', () => {
  test('share no name with training', () => {
    const trained = namesOf(training);
    const held = namesOf(suite);
    expect(trained.size).toBeGreaterThan(seeds / 2);
    expect(held.size).toBeGreaterThan(seeds / 3);
    expect([...held].filter((name) => trained.has(name))).toEqual([]);
    expect([...trained].filter(isHeldOutName)).toEqual([]);
    expect([...held].every(isHeldOutName)).toBe(true);
  });

  test.each(intentNames)('use phrasings of %s that training never uses', (intent) => {
    const trained = phrasings(intent, false);
    const held = phrasings(intent, true);
    expect(held.length).toBeGreaterThan(0);
    expect(trained.length).toBeGreaterThan(held.length);
    expect(held.filter((line) => trained.includes(line))).toEqual([]);
  });

  test('use off-topic subjects and lines that training never uses', () => {
    const [trained, held] = [offTopics(false), offTopics(true)];
    expect([...held.subjects, ...held.lines].length).toBeGreaterThan(10);
    expect(held.subjects.filter((subject) => trained.subjects.includes(subject))).toEqual([]);
    expect(held.lines.filter((line) => trained.lines.includes(line))).toEqual([]);
    const text = training.map(formatDialogue).join('');
    for (const words of [...held.subjects, ...held.lines]) expect(text).not.toContain(words);
  });
});

describe('the format', () => {
  test('marks the speakers and the end in ASCII', () => {
    for (const turns of all) {
      const text = formatDialogue(turns);
      expect(text.slice(0, -1)).toMatch(/^(?:Visitor: [ -~]+\nGuide: [ -~]+\n)+$/);
      expect(text.indexOf(endMark)).toBe(text.length - 1);
    }
  });

  test('gives the ranges of what the guide writes', () => {
    for (const turns of all) {
      const text = formatDialogue(turns);
      const lines = turns.filter(({ speaker }) => speaker === 'guide').map((turn) => ` ${turn.text}\n`);
      lines[lines.length - 1] += endMark;
      expect(guideRanges(turns).map(([start, end]) => text.slice(start, end))).toEqual(lines);
    }
  });

  test('gives the prompt of each reply', () => {
    const turns = training[3];
    const text = formatDialogue(turns);
    const starts = guideRanges(turns).map(([start]) => start);
    expect(starts.map((_, i) => promptOf(turns, 2 * i + 1))).toEqual(starts.map((start) => text.slice(0, start)));
    expect(() => promptOf(turns, 0)).toThrow('Line 0 is not a line of the guide.');
  });
});

describe('the entropy', () => {
  test('is that of the free choices', () => {
    const { lines, nats, natsPerLine } = entropyOf(training);
    const chosen = training.flat().filter(({ kind }) => kind === 'welcome' || kind === 'declined').length;
    expect(nats).toBeCloseTo(chosen * Math.LN2, 6);
    expect(natsPerLine).toBeCloseTo(nats / lines, 12);
    expect(natsPerLine).toBeLessThan(0.15);
  });

  test('is all of it: the same situation leads to the same line, except where a line has a choice', () => {
    const situations = new Map<string, { lines: Set<string>; seen: number; choices: number }>();
    for (let seed = 0; seed < 4000; seed++) {
      for (const { situation, line, choices } of situationsOf(dialogue(seed))) {
        const known = situations.get(situation) ?? { lines: new Set(), seen: 0, choices };
        known.lines.add(line);
        known.seen++;
        situations.set(situation, known);
      }
    }
    const all = [...situations.values()];
    expect(all.filter(({ lines, choices }) => lines.size > choices).map(({ lines }) => [...lines])).toEqual([]);
    expect(all.filter(({ lines, seen }) => lines.size === 1 && seen > 1).length).toBeGreaterThan(600);
    expect(all.filter(({ lines }) => lines.size === 2).length).toBeGreaterThan(100);
  });
});

describe('judgeReply', () => {
  const answers = all.flat().filter(({ slots, speaker }) => slots.length > 0 && speaker === 'guide');

  test('accepts every line of the guide as its own reply', () => {
    for (const turns of all) {
      for (const turn of turns.filter(({ speaker }) => speaker === 'guide')) {
        const judged = judgeReply(turn, ` ${turn.text}\n`);
        expect(judged).toEqual({ slotsRight: true, declined: turn.kind === 'declined', ended: true, exact: true });
      }
    }
  });

  test('rejects a wrong value in any slot', () => {
    for (const turn of answers) {
      for (const { value, cue } of turn.slots) {
        for (const wrong of [value.slice(0, -1), `${value}n`, 'Somebody', '']) {
          const reply = turn.text.replace(`${cue} ${value}`, `${cue} ${wrong}`);
          expect(judgeReply(turn, ` ${reply}\n`).slotsRight).toBe(false);
        }
      }
    }
  });

  test('rejects a reply without its slots, with swapped slots, or with a slot too many', () => {
    for (const turn of answers) {
      const { cue, value } = turn.slots[0];
      expect(judgeReply(turn, '\n').slotsRight).toBe(false);
      expect(judgeReply(turn, ' Anything else?\n').slotsRight).toBe(false);
      expect(
        judgeReply(turn, ` ${turn.text.slice(0, turn.text.lastIndexOf(turn.slots.at(-1)?.value as string))}`)
          .slotsRight,
      ).toBe(false);
      expect(judgeReply(turn, ` ${turn.text} And ${cue} ${value}.\n`).slotsRight).toBe(false);
    }
    const taxi = answers.find(({ text }) => text.startsWith('Done. Your taxi')) as Turn;
    const [from, to] = taxi.slots;
    const swapped = taxi.text.replace(`from ${from.value} to ${to.value}`, `from ${to.value} to ${from.value}`);
    expect(judgeReply(taxi, `${swapped}\n`).slotsRight).toBe(false);
  });

  test('accepts other words around the right slots', () => {
    const turn: Turn = {
      speaker: 'guide',
      text: 'Your train leaves on Friday at 18:45.',
      slots: [
        { name: 'day', value: 'Friday', cue: 'on' },
        { name: 'time', value: '18:45', cue: 'at' },
      ],
      kind: 'answer',
      nats: 0,
    };
    const judged = judgeReply(turn, ' It goes on Friday at 18:45!\nVisitor: Thanks at 19:00');
    expect(judged).toEqual({ slotsRight: true, declined: false, ended: true, exact: false });
    expect(judgeReply(turn, ' It goes at 18:45 on Friday.\n').slotsRight).toBe(false);
    expect(judgeReply(turn, ' Your train leaves on Friday at 18:45.').ended).toBe(false);
  });

  test('tells a refusal from other lines', () => {
    const lines = all.flat().filter(({ speaker }) => speaker === 'guide');
    for (const turn of lines) expect(turn.text.includes(refusal)).toBe(turn.kind === 'declined');
  });
});
