/** Dialogues between visitors of an invented town and its guide, for a small model to learn from. */
import { type Random, random } from '../../shared/random';
import { makeName } from './names';
import { advices, type Intent, offTopics, say } from './phrasings';
import { days, hotels, numbers, restaurants, type Service, services, sights, stops, town } from './town';
import { cues, type Slot, type SlotName, type Turn, type TurnKind } from './turn';

/** The slots of each service, in the order in which the guide asks for them. */
const needs: Readonly<Record<Service, readonly SlotName[]>> = {
  train: ['to', 'day', 'time'],
  room: ['name', 'place', 'day', 'people', 'nights'],
  table: ['name', 'place', 'day', 'time', 'people'],
  taxi: ['from', 'to', 'time'],
};

/** The order of the same slots in a visitor's wish, if it is the usual one. */
const spoken: readonly SlotName[] = ['from', 'to', 'place', 'day', 'time', 'people', 'nights', 'name'];

/** The guide's questions. The cue stands in each, so that a visitor repeats it. */
const questions: Readonly<Record<SlotName, string>> = {
  to: 'To which place?',
  from: 'From which place?',
  place: 'In which house?',
  day: 'On which day?',
  time: 'At what time?',
  people: 'For how many people?',
  nights: 'Staying how many nights?',
  name: 'Under which name?',
};

/** The question after a booking, by service. */
const followUps: Readonly<Record<Service, string>> = {
  train: 'Anything else?',
  room: 'What else can I do?',
  table: 'Anything else?',
  taxi: 'What else can I do?',
};

const welcomes = ['Welcome, traveller!', 'Hello, and welcome!'];
const help = 'How can I help?';
/** A refusal holds these words. No other line of the guide does. */
export const refusal = 'I know only trains, rooms, tables, taxis and sights';
const refusals = [`Sorry, ${refusal}.`, `That is beyond me. ${refusal}.`];

/** Exchanges of a visitor's and a guide's line, drawn with equal shares. */
const lengths = [2, 3, 4, 5, 5, 6, 6, 7, 7, 7, 8, 8, 8];
/** A dialogue starts nothing new beyond this many characters. */
const longest = 1000;

type Values = Partial<Record<SlotName, string>>;

interface Booking {
  service: Service;
  values: Values;
}

const pick = <T>(from: readonly T[], draw: Random): T => from[draw.integer(from.length)];
const isLikely = (probability: number, draw: Random): boolean => draw.uniform() < probability;

function shuffle<T>(values: readonly T[], draw: Random): T[] {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i--) {
    const j = draw.integer(i + 1);
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

/** The words of a slot: its cue, its value, and a unit that follows from the value. */
function clause(name: SlotName, value: string): string {
  const plural = value === 'one' ? '' : 's';
  if (name === 'people') return `for ${value} ${value === 'one' ? 'person' : 'people'}`;
  if (name === 'nights') return `staying ${value} night${plural}`;
  return `${name === 'name' ? 'under the name' : cues[name]} ${value}`;
}

/** The guide's sentence about a booking. */
function summary({ service, values }: Booking): { text: string; names: SlotName[] } {
  const words = (name: SlotName) => clause(name, values[name] as string);
  if (service === 'train') {
    return { text: `Your train ${words('to')} leaves ${words('day')} ${words('time')}.`, names: ['to', 'day', 'time'] };
  }
  if (service === 'taxi') {
    const text = `Your taxi ${words('from')} ${words('to')} comes ${words('time')}.`;
    return { text, names: ['from', 'to', 'time'] };
  }
  if (service === 'table') {
    const text = `Your table ${words('place')} is set ${words('day')} ${words('time')} ${words('people')}, ${words('name')}.`;
    return { text, names: ['place', 'day', 'time', 'people', 'name'] };
  }
  const text = `Your room ${words('place')} is free ${words('day')} ${words('people')}, ${words('nights')}, ${words('name')}.`;
  return { text, names: ['place', 'day', 'people', 'nights', 'name'] };
}

/** One dialogue in the making. */
class Script {
  readonly turns: Turn[] = [];
  readonly bookings: Booking[] = [];
  /** The visitor's name, once it is known to the guide. */
  name: string | undefined;
  #characters = 0;
  readonly #names: string[] = [];
  readonly #hours = new Set<number>();

  constructor(
    readonly draw: Random,
    readonly heldOut: boolean,
    readonly exchanges: number,
  ) {}

  /** Exchanges that are left before the goodbye. */
  get left(): number {
    return this.#characters > longest ? 0 : this.exchanges - 1 - this.turns.length / 2;
  }

  visitor(text: string, slots: Slot[] = []): void {
    this.#add({ speaker: 'visitor', text, slots, kind: 'visit', nats: 0 });
  }

  guide(kind: TurnKind, text: string, slots: Slot[] = [], nats = 0): void {
    this.#add({ speaker: 'guide', text, slots, kind, nats });
  }

  /** A visitor's line of an intent. Its clauses replace `#`. */
  says(intent: Intent, subject = '', values: Values = {}): void {
    const slots = Object.entries(values).map(([name, value]) => slot(name as SlotName, value));
    const text = say(intent, subject, this.draw, this.heldOut);
    this.visitor(
      text,
      slots.sort((a, b) => positionOf(text, a) - positionOf(text, b)),
    );
  }

  /** A guide's line with one of several openings. */
  chooses(kind: TurnKind, openings: readonly string[], rest: string, slots: Slot[] = []): void {
    this.guide(kind, pick(openings, this.draw) + rest, slots, Math.log(openings.length));
  }

  newName(kind: 'person' | 'town'): string {
    const name = makeName(kind, this.draw, this.heldOut, this.#names);
    this.#names.push(name);
    return name;
  }

  /** A time whose hour has two different digits and ends in one that no other time of this dialogue has, because digits are tokens. */
  newTime(): string {
    for (;;) {
      const hour = 7 + this.draw.integer(16);
      if (hour % 11 === 0 || (this.#hours.has(hour % 10) && this.#hours.size < 10)) continue;
      this.#hours.add(hour % 10);
      return `${String(hour).padStart(2, '0')}:${pick(['00', '15', '30', '45'], this.draw)}`;
    }
  }

  value(service: Service, name: SlotName, other?: string): string {
    for (;;) {
      const value = this.#value(service, name);
      if (value !== other) return value;
    }
  }

  #value(service: Service, name: SlotName): string {
    if (name === 'day') return pick(days, this.draw);
    if (name === 'time') return this.newTime();
    if (name === 'people' || name === 'nights') return pick(numbers, this.draw);
    if (name === 'name') return this.newName('person');
    if (name === 'place') return pick(service === 'room' ? hotels : restaurants, this.draw).place;
    if (service === 'train') return this.newName('town');
    if (name === 'from') return isLikely(0.5, this.draw) ? pick(stops, this.draw) : pick(hotels, this.draw).place;
    return isLikely(0.6, this.draw) ? pick(sights, this.draw).place : pick(restaurants, this.draw).place;
  }

  #add(turn: Turn): void {
    this.turns.push(turn);
    this.#characters += turn.text.length + 9;
  }
}

const slot = (name: SlotName, value: string): Slot => ({ name, value, cue: cues[name] });

/** Where a visitor's line gives a slot. */
const positionOf = (text: string, { value, cue }: Slot): number =>
  text.search(new RegExp(`\\b${cue}(?: is)? ${value}\\b`, 'i'));

const slotsOf = (booking: Booking): Slot[] =>
  summary(booking).names.map((name) => slot(name, booking.values[name] as string));

/** The visitor's clauses for these slots. */
function clauses(names: readonly SlotName[], values: Values): string {
  return names.map((name) => clause(name, values[name] as string)).join(' ');
}

const only = (names: readonly SlotName[], values: Values): Values =>
  Object.fromEntries(names.map((name) => [name, values[name]]));

/** The slots of a service that the guide has to learn from the visitor, in the order of its questions. */
const openSlots = (script: Script, service: Service): SlotName[] =>
  needs[service].filter((name) => name !== 'name' || script.name === undefined);

const unbooked = (script: Script): Service[] =>
  services.filter((service) => !script.bookings.some((booking) => booking.service === service));

/** Draws values for all slots of a service. */
function newBooking(script: Script, service: Service, fixed: Values = {}): Booking {
  const values: Values = { ...fixed };
  for (const name of needs[service]) {
    if (name === 'name') values.name = script.name ?? script.value(service, name);
    else values[name] ??= script.value(service, name);
  }
  return { service, values };
}

/** Asks for the missing slots in turn, then confirms. `opening` starts the first of these lines. */
function complete(script: Script, booking: Booking, missing: SlotName[], opening: string, next?: Service): void {
  const { draw } = script;
  const open = [...missing];
  let before = opening;
  while (open.length) {
    script.guide('ask', before + questions[open[0]]);
    before = '';
    const count = open.length > 1 && open[0] !== 'name' && isLikely(0.35, draw) ? 2 : 1;
    const names = open.splice(0, count);
    if (names[0] === 'name') script.says('named', booking.values.name, only(names, booking.values));
    else script.says('detail', clauses(names, booking.values), only(names, booking.values));
  }
  script.name ??= booking.values.name;
  script.bookings.push(booking);
  const end = next ? ` Now the ${next}. ${questions[openSlots(script, next)[0]]}` : ` ${followUps[booking.service]}`;
  script.guide('answer', `Done. ${summary(booking).text}${end}`, slotsOf(booking));
}

/** Slots that the visitor does not mention at first, at most as many as there is room for questions. */
function leaveOut(script: Script, names: readonly SlotName[], rate: number, most: number): SlotName[] {
  const missing = names.filter((name) => isLikely(name === 'name' ? 0.6 : rate, script.draw));
  const late = shuffle(missing, script.draw).slice(0, Math.max(0, most));
  return names.filter((name) => late.includes(name));
}

/** The slots of a wish in the order in which the visitor says them. */
function spokenOrder(names: readonly SlotName[], draw: Random): SlotName[] {
  const usual = spoken.filter((name) => names.includes(name));
  return isLikely(0.3, draw) ? shuffle(usual, draw) : usual;
}

const wishIntent = (draw: Random): Intent => (isLikely(0.6, draw) ? 'wish' : 'request');

function book(script: Script): boolean {
  const { draw } = script;
  const free = unbooked(script);
  if (!free.length) return false;
  const service = pick(free, draw);
  const others = free.filter((other) => other !== service);
  const next = script.left >= 4 && others.length && isLikely(0.25, draw) ? pick(others, draw) : undefined;
  const booking = newBooking(script, service);
  const all = openSlots(script, service);
  // The name of a table or a room that comes next is asked for then, unless this service needs it, too.
  const missing = leaveOut(script, all, 0.25, script.left - (next ? 3 : 1));
  const order = spokenOrder(
    all.filter((name) => !missing.includes(name)),
    draw,
  );
  const also = next ? pick([`, then a ${next}`, `, and also a ${next}`, `, and after that a ${next}`], draw) : '';
  const subject = [`a ${service}`, ...order.map((name) => clause(name, booking.values[name] as string))].join(' ');
  script.says(wishIntent(draw), subject + also, only(order, booking.values));
  complete(script, booking, missing, 'Gladly. ', next);
  if (next) {
    const second = newBooking(script, next);
    const open = openSlots(script, next);
    // The guide has asked for the first slot. The visitor gives it and, if there is no room for questions, all others.
    const later = leaveOut(script, open.slice(1), 0.3, script.left - 1);
    const given = open.filter((name) => !later.includes(name));
    if (given[0] === 'name') {
      const rest = given.slice(1).map((name) => clause(name, second.values[name] as string));
      script.says('named', [second.values.name, ...rest].join(', '), only(given, second.values));
    } else script.says('detail', clauses(given, second.values), only(given, second.values));
    complete(script, second, later, '');
  }
  if (script.left >= 1 && isLikely(0.3, draw)) change(script);
  return true;
}

/** A room and a taxi in one wish: their slots have different cues. */
function bookTogether(script: Script): boolean {
  const free = unbooked(script);
  if (!free.includes('room') || !free.includes('taxi') || script.left < 2) return false;
  const room = newBooking(script, 'room');
  const taxi = newBooking(script, 'taxi');
  const asksName = script.name === undefined;
  const roomSlots = spoken.filter((name) => needs.room.includes(name) && name !== 'name');
  const taxiSlots = spoken.filter((name) => needs.taxi.includes(name));
  const subject = `a room ${clauses(roomSlots, room.values)}, and a taxi ${clauses(taxiSlots, taxi.values)}`;
  script.says(wishIntent(script.draw), subject, { ...only(roomSlots, room.values), ...only(taxiSlots, taxi.values) });
  if (asksName) {
    script.guide('ask', `Gladly. ${questions.name}`);
    script.says('named', room.values.name, only(['name'], room.values));
    script.name = room.values.name;
  }
  script.bookings.push(room, taxi);
  const text = `Done. ${summary(room).text} ${summary(taxi).text} ${followUps.taxi}`;
  script.guide('answer', text, [...slotsOf(room), ...slotsOf(taxi)]);
  return true;
}

/** The visitor changes the last booking or the name. */
function change(script: Script): void {
  const { draw } = script;
  const booking = script.bookings.at(-1) as Booking;
  const { service, values } = booking;
  const name = pick(needs[service], draw);
  const value = script.value(service, name, values[name]);
  values[name] = value;
  if (name === 'name') {
    script.name = value;
    for (const other of script.bookings) if (other.values.name) other.values.name = value;
    script.says('rename', value, only(['name'], values));
  } else script.says('change', clause(name, value), only([name], values));
  script.guide('answer', `Changed. ${summary(booking).text} ${followUps[service]}`, slotsOf(booking));
}

/** A question about what was booked. */
function recall(script: Script): boolean {
  const { draw, bookings } = script;
  if (isLikely(0.3, draw)) {
    script.says('whoAmI');
    if (script.name) script.guide('answer', `You gave the name ${script.name}.`, [slot('name', script.name)]);
    else script.guide('talk', 'You gave no name yet.');
    return true;
  }
  if (isLikely(0.15, draw)) {
    script.says('booked');
    const names = bookings.map(({ service }) => `a ${service}`);
    script.guide('talk', `You booked ${names.join(' and ') || 'nothing yet'}.`);
    return true;
  }
  const missing = unbooked(script);
  if (missing.length && (!bookings.length || isLikely(0.15, draw))) {
    const service = pick(missing, draw);
    script.says(isLikely(0.5, draw) ? 'when' : 'where', service);
    script.guide('talk', `You booked no ${service} yet.`);
    return true;
  }
  const { service, values } = pick(bookings, draw);
  const where = service !== 'taxi' && isLikely(0.5, draw);
  script.says(where ? 'where' : 'when', service);
  const place: SlotName = service === 'train' ? 'to' : 'place';
  const verb = { train: 'leaves', room: 'is free', table: 'is set', taxi: 'comes' }[service];
  const names: SlotName[] = where ? [place] : needs[service].filter((name) => name === 'day' || name === 'time');
  const start = where ? `You have the ${service}` : `Your ${service} ${verb}`;
  script.guide(
    'answer',
    `${start} ${clauses(names, values)}.`,
    names.map((name) => slot(name, values[name] as string)),
  );
  return true;
}

/** The guide recommends a place and offers to book it. */
function advise(script: Script): boolean {
  const { draw } = script;
  const { intent, service, cue, before, offer, list } = pick(advices, draw);
  const isOpen = unbooked(script).includes(service);
  if (isOpen && script.left < 2) return false;
  const { wish, place, reason } = pick(list, draw);
  script.says(intent, wish);
  const target: SlotName = cue === 'to' ? 'to' : 'place';
  if (!isOpen) {
    script.guide('advice', `${before} ${place}. ${reason}.`, [slot(target, place)]);
    return true;
  }
  script.guide('advice', `${before} ${place}. ${reason}. ${offer}`, [slot(target, place)]);
  if (isLikely(0.35, draw)) {
    script.says('no');
    script.guide('talk', 'As you like. Anything else?');
    return true;
  }
  const booking = newBooking(script, service, { [target]: place });
  const all = openSlots(script, service).filter((name) => name !== target);
  const missing = leaveOut(script, all, 0.35, script.left - 1);
  const order = spokenOrder(
    all.filter((name) => !missing.includes(name)),
    draw,
  );
  script.says(
    'yes',
    order.map((name) => `, ${clause(name, booking.values[name] as string)}`).join(''),
    only(order, booking.values),
  );
  complete(script, booking, missing, 'Gladly. ');
  return true;
}

function wander(script: Script): boolean {
  const { draw, heldOut } = script;
  const { subjects, lines } = offTopics(heldOut);
  const choice = draw.uniform();
  if (choice < 0.25) script.visitor(pick(lines, draw));
  else
    script.says(
      isLikely(0.5, draw) ? 'offTopic' : 'offTopicOrder',
      choice < 0.35 ? script.newName('town') : pick(subjects, draw),
    );
  script.chooses('declined', refusals, '');
  return true;
}

function talk(script: Script): boolean {
  const { draw } = script;
  const choice = draw.integer(8);
  if (choice < 3) {
    const sight = pick(sights, draw);
    script.says(isLikely(0.5, draw) ? 'fact' : 'tell', sight.place);
    script.guide('talk', sight.fact);
  } else if (choice === 3) {
    script.says('overview');
    script.guide('talk', 'By day see the clock tower, by night the star dome.');
  } else if (choice === 4) {
    script.says('ability');
    script.guide('talk', 'I book trains, rooms, tables and taxis, and I love the sights.');
  } else if (choice === 5) {
    script.says('mood');
    script.guide('talk', 'I am well, thank you. How can I help?');
  } else if (choice === 6 && script.name === undefined) {
    script.name = script.newName('person');
    script.says('named', script.name, { name: script.name });
    script.guide('answer', `Thank you, I noted the name ${script.name}.`, [slot('name', script.name)]);
  } else {
    script.says('thanks');
    script.guide('talk', 'With pleasure. Anything else?');
  }
  return true;
}

function greet(script: Script): void {
  if (isLikely(0.5, script.draw)) {
    script.says('greeting');
    script.chooses('welcome', welcomes, ` ${help}`);
    return;
  }
  const name = script.newName('person');
  script.name = name;
  script.says('introduction', name, { name });
  script.chooses('welcome', welcomes, ` I noted the name ${name}. ${help}`, [slot('name', name)]);
}

/** Acts of a visitor with their shares. An act that is impossible now returns false and says nothing. */
const acts: readonly [(script: Script) => boolean, number][] = [
  [book, 0.4],
  [bookTogether, 0.05],
  [advise, 0.12],
  [recall, 0.14],
  [wander, 0.2],
  [talk, 0.09],
];

function act(script: Script): void {
  for (;;) {
    let share = script.draw.uniform();
    const chosen = acts.find(([, weight]) => {
      share -= weight;
      return share < 0;
    });
    if (chosen?.[0](script)) return;
  }
}

/**
 * A dialogue of 2 to 8 exchanges, visitor first. The guide's lines follow from the lines before them, except where `nats` is above 0.
 * With `heldOut`, all names, towns, phrasings and off-topic questions are ones that no dialogue without it contains.
 */
export function dialogue(seed: number, { heldOut = false }: { heldOut?: boolean } = {}): Turn[] {
  const draw = random(seed, 0x677569, heldOut ? 1 : 0);
  const script = new Script(draw, heldOut, pick(lengths, draw));
  if (isLikely(0.4, draw)) greet(script);
  do act(script);
  while (script.left > 0);
  script.says('farewell');
  if (script.name) {
    script.guide('goodbye', `Goodbye! I will remember the name ${script.name}.`, [slot('name', script.name)]);
  } else script.guide('goodbye', `Goodbye, and enjoy ${town}!`);
  return script.turns;
}
