/** What the guide knows of the invented town. */

export const town = 'Larkhaven';

export const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
export const numbers = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'] as const;

/** What the guide books. */
export type Service = 'train' | 'room' | 'table' | 'taxi';
export const services: readonly Service[] = ['train', 'room', 'table', 'taxi'];

/** A place and the wish for which the guide recommends it. */
export interface Advice {
  /** The visitor's words for the wish. */
  wish: string;
  place: string;
  /** The guide's words before the place end with its cue, and these follow. */
  reason: string;
}

export const restaurants: readonly Advice[] = [
  { wish: 'fish', place: 'the Crab Pot', reason: 'They grill fresh fish' },
  { wish: 'soup', place: 'the Tin Plate', reason: 'The soup is famous' },
  { wish: 'pies', place: 'the Oak Barrel', reason: 'The pies are huge' },
  { wish: 'noodles', place: 'the Green Spoon', reason: 'The noodles are long' },
  { wish: 'pancakes', place: 'the Yellow Door', reason: 'They flip pancakes all day' },
  { wish: 'curry', place: 'the Salt Cellar', reason: 'The curry is hot' },
];

export const hotels: readonly Advice[] = [
  { wish: 'quiet', place: 'the Drowsy Owl', reason: 'You hear no sound there' },
  { wish: 'cheap', place: 'the Little Anchor', reason: 'It costs almost nothing' },
  { wish: 'near the sea', place: 'the Blue Heron', reason: 'You hear the waves' },
  { wish: 'green', place: 'the Elm Court', reason: 'It has a garden' },
  { wish: 'good with a dog', place: 'the Jolly Miller', reason: 'Dogs are welcome' },
  { wish: 'warm', place: 'the Copper Kettle', reason: 'The fire burns all night' },
];

/** A sight also has a fact. */
export interface Sight extends Advice {
  fact: string;
}

export const sights: readonly Sight[] = [
  {
    wish: 'good with children',
    place: 'the puppet theatre',
    reason: 'Children love it',
    fact: 'The puppet theatre has a dragon that sneezes.',
  },
  {
    wish: 'dry when it rains',
    place: 'the glass museum',
    reason: 'It is dry and bright',
    fact: 'The glass museum keeps a boat made of glass.',
  },
  {
    wish: 'nice after dark',
    place: 'the star dome',
    reason: 'You can count the moons',
    fact: 'The star dome shows the sky as sailors saw it.',
  },
  {
    wish: 'high up',
    place: 'the clock tower',
    reason: 'You see the whole bay',
    fact: 'The clock tower is always four minutes late.',
  },
  {
    wish: 'very old',
    place: 'the castle ruin',
    reason: 'Its walls are a thousand years old',
    fact: 'The castle ruin belongs to the crows now.',
  },
  {
    wish: 'near the water',
    place: 'the tide pools',
    reason: 'You will meet a crab',
    fact: 'The tide pools hide tiny blue crabs.',
  },
  {
    wish: 'loud',
    place: 'the bell foundry',
    reason: 'They ring every bell',
    fact: 'The bell foundry once cast a bell that sank.',
  },
  {
    wish: 'full of flowers',
    place: 'the rose garden',
    reason: 'It smells of summer',
    fact: 'The rose garden has one black rose.',
  },
];

/** Where a taxi starts besides hotels. */
export const stops = ['the station', 'the harbour', 'the market', 'the bridge'] as const;
