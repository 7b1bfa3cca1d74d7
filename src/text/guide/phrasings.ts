/** What visitors say: lead, body and end are chosen separately, and one combination in six is held out. */
import type { Random } from '../../shared/random';
import { hotels, restaurants, sights } from './town';

/** Alternatives for each part of a line. `#` stands for what the line is about. */
type Parts = readonly (readonly string[])[];

const isHeldOut = (indices: readonly number[]): boolean =>
  indices.reduce((sum, index, part) => sum + index * [1, 2, 3][part], 0) % 6 === 5;

const ends = ['.', ', please.', ', thank you.', ', if you can.', '. Is that possible?', '. That would be great.'];
const asks = ['?', ', please?', '? Tell me.', '? I am curious.'];
const orders = ['.', ', please.', ', if you can.', '. I am curious.', '!'];
const detailEnds = ['.', ', please.', ', thank you.', ', if you can.', '. That is best.', '. I am sure.'];

/**
 * The intents of a visitor. Small words that are cues (in, on, at, to, from, for, staying, name) stand only before slots, because a layer
 * finds a slot by the word before it.
 */
const intents = {
  greeting: [
    ['Hello', 'Hi', 'Good morning', 'Good evening', 'Good day', 'Hello there'],
    ['.', '!', ', dear guide.', ', guide!', '. Nice town!', '. I just arrived.'],
  ],
  introduction: [
    ['Hello', 'Hi', 'Good morning', 'Good evening', 'Good day', 'Hello there'],
    [
      '. My name is #',
      '. The name is #',
      '! My name is #',
      ', please write the name #',
      '. I use the name #',
      ', my name is #',
    ],
    ['.', '!', '. Nice town!'],
  ],
  wish: [
    [
      'I need #',
      'I would like #',
      'Please book #',
      'We want #',
      'Please get me #',
      'I am looking. I need #',
      'Book me #',
      'My wish is #',
      'We need #',
    ],
    ends,
  ],
  request: [
    ['Can I have #', 'Could you book #', 'May I have #', 'Can you find me #', 'Would you book #', 'Could I get #'],
    ['?', ', please?', '? Thank you.', '? That would be great.', '? I am new here.'],
  ],
  detail: [
    ['', 'Let us say ', 'I would say ', 'Well, ', 'Write ', 'That is ', 'Hm, ', 'Maybe ', 'Best '],
    ['#'],
    detailEnds,
  ],
  named: [
    [
      'Under the name #',
      'My name is #',
      'Please use the name #',
      'The name is #',
      'Take the name #',
      'Well, my name is #',
      'I use the name #',
    ],
    detailEnds,
  ],
  change: [
    [
      'Sorry, make that #',
      'Wait, make that #',
      'Oh, better #',
      'Please change that: #',
      'I changed my mind: #',
      'Actually, rather #',
      'No, let us rather say #',
      'Make it # instead',
    ],
    ends,
  ],
  rename: [
    [
      'Sorry, use the name #',
      'Wait, rather use the name #',
      'Please change that: use the name #',
      'Actually, take the name #',
    ],
    ends,
  ],
  when: [
    [
      'When is my #',
      'When was my # again',
      'Tell me again, when is my #',
      'Sorry, when is my #',
      'What time is my #',
      'When do I have the #',
    ],
    asks,
  ],
  where: [
    [
      'Where is my #',
      'Where was my # again',
      'Tell me again, where is my #',
      'Sorry, where is my #',
      'Which place was my #',
      'Where do I have the #',
    ],
    asks,
  ],
  whoAmI: [
    [
      'What name did I give',
      'Which name did I give',
      'Do you know my name',
      'What is my name',
      'Who am I',
      'Sorry, what is my name',
    ],
    asks,
  ],
  booked: [
    [
      'What did I book',
      'What have I booked',
      'What do I have so far',
      'Can you list my bookings',
      'What is booked now',
    ],
    asks,
  ],
  eat: [
    [
      'Where can I eat #',
      'Who makes good #',
      'Which house has good #',
      'Where do you eat #',
      'Where can we get #',
      'Who cooks #',
    ],
    ['?', ' here?', ', please?', '? Any idea?'],
  ],
  sleep: [
    [
      'Which hotel is #',
      'Which house is #',
      'Where is a room that is #',
      'Is there a hotel that is #',
      'Do you know a hotel that is #',
    ],
    ['?', ', please?', '? Any idea?', ' here?'],
  ],
  see: [
    [
      'Which sight is #',
      'What can I visit that is #',
      'Which place is #',
      'Is there a sight that is #',
      'Do you know a sight that is #',
    ],
    ['?', ', please?', '? Any idea?', ' here?'],
  ],
  fact: [
    ['What do you know about #', 'What is special about #', 'What is #', 'Do you know #', 'Can you explain #'],
    asks,
  ],
  tell: [
    ['Tell me about #', 'Tell us about #', 'I want a story about #', 'Please explain #', 'I wonder about #'],
    orders,
  ],
  overview: [
    ['What should I see', 'Which sights are there', 'What can I see here', 'What is worth a visit', 'Any sights'],
    ['?', ', please?', '? I am curious.', ' here?'],
  ],
  ability: [
    ['What can you do', 'Who are you', 'Can you help me', 'What do you know', 'How can you help'],
    ['?', ', please?', ', guide?', '? I am new here.'],
  ],
  mood: [
    ['How are you', 'How do you do', 'Are you well', 'How is your day', 'All good'],
    ['?', ', guide?', ' today?', ', my friend?'],
  ],
  yes: [['Yes', 'Yes, please', 'Yes, do that', 'Good idea', 'Very good'], ['#'], ['.', '!', '. That would be great.']],
  no: [
    ['No', 'No, not now', 'No thanks', 'Not today', 'Rather not'],
    ['.', ', thank you.', ', maybe later.', '!'],
  ],
  thanks: [
    ['Thank you', 'Thanks', 'Wonderful', 'Great', 'Very kind'],
    ['.', '!', ', guide.', ', you are quick.'],
  ],
  farewell: [
    ['Goodbye', 'Bye', 'That is all, goodbye', 'Thank you, goodbye', 'Thanks, bye', 'No, goodbye', 'I must go, bye'],
    ['.', '!', ', dear guide.', ' and thanks.'],
  ],
  offTopic: [
    [
      'What do you think of #',
      'Can you explain #',
      'Who invented #',
      'Do you like #',
      'How does # work',
      'What is #',
      'Why is there #',
      'Do you know #',
      'What do you know about #',
      'Are you afraid of #',
    ],
    asks,
  ],
  offTopicOrder: [
    [
      'Tell me about #',
      'Write me a poem about #',
      'I want a story about #',
      'Sing me a song about #',
      'Please explain #',
      'I like #',
      'Let us talk about #',
      'I am tired of #',
    ],
    orders,
  ],
} as const satisfies Record<string, Parts>;

export type Intent = keyof typeof intents;
export const intentNames = Object.keys(intents) as Intent[];

/** Subjects that the guide declines. The last eight are held out. */
const subjects = (
  'quantum physics|politics|the weather|football|my cat|ghosts|the moon|black holes|my computer|bread|taxes|Paris|the president|whales|' +
  'love|chess|the war|gold|my homework|dinosaurs|the internet|time travel|cars|opera|history|mathematics|my boss|dreams|the news|horses|' +
  'movies|computers|money|poetry|robots|volcanoes|Mozart|the stock market|tennis|jazz|science|the brain|viruses|a new phone|my garden|' +
  'philosophy|shoes|religion|electricity|Africa|wine|my sister|the sun|trees|elephants|a good book|ice|numbers|the law|wood|' +
  'space rockets|the ocean floor|guitars|chemistry|my neighbour|London|snakes|modern art'
).split('|');
const heldOutSubjects = 8;

/** Lines that the guide declines and that have no subject. The last four are held out. */
const oddLines = (
  'Who won the match last night?|What is two plus two?|My cat is sad today.|Can you fix my computer?|How do I bake bread?|Are you a robot?|' +
  'I love you.|What is the meaning of life?|Say something funny.|Do you dream?|Will it rain today?|How old are you?|You are stupid.|' +
  'Translate this text.|Give me your password.|Count the stars.|Who is the king?|Play some music.|I feel sick.|Sell me a horse.|' +
  'Tell me a joke.|What time is it?|My dog ran away.|Do you like me?'
).split('|');
const heldOutLines = 4;

/** All combinations of the parts of an intent that training uses, or all that are held out. */
export function phrasings(intent: Intent, heldOut: boolean): string[] {
  const lines: string[] = [];
  const parts: Parts = intents[intent];
  const extend = (text: string, indices: number[]): void => {
    const part = parts[indices.length];
    if (part)
      part.forEach((words, i) => {
        extend(text + words, [...indices, i]);
      });
    else if (isHeldOut(indices) === heldOut) lines.push(text);
  };
  extend('', []);
  return lines;
}

const tables = new Map<string, string[]>();

/** A line of a visitor. `subject` replaces `#`. */
export function say(intent: Intent, subject: string, draw: Random, heldOut: boolean): string {
  const key = `${intent} ${heldOut}`;
  let lines = tables.get(key);
  if (!lines) {
    lines = phrasings(intent, heldOut);
    tables.set(key, lines);
  }
  const line = lines[draw.integer(lines.length)].replace('#', subject);
  return line[0].toUpperCase() + line.slice(1);
}

/** Subjects and lines off the guide's topics. */
export function offTopics(heldOut: boolean): { subjects: string[]; lines: string[] } {
  const part = (from: string[], count: number) => (heldOut ? from.slice(-count) : from.slice(0, -count));
  return { subjects: part(subjects, heldOutSubjects), lines: part(oddLines, heldOutLines) };
}

/** What a visitor asks advice about, with the intent, the service and the cue of the guide's answer. */
export const advices = [
  { intent: 'eat', service: 'table', cue: 'in', before: 'Eat in', offer: 'Shall I book a table?', list: restaurants },
  { intent: 'sleep', service: 'room', cue: 'in', before: 'Sleep in', offer: 'Shall I book a room?', list: hotels },
  { intent: 'see', service: 'taxi', cue: 'to', before: 'Go to', offer: 'Shall I call a taxi?', list: sights },
] as const;
