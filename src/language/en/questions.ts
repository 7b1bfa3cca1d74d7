const ideas = {
  lsh: 'LSH attention',
  reversible: 'reversible layers',
  slices: 'feed-forward parts in slices',
};

/** English words of the ten questions and their answers; marked up as the steps of the lecture are. */
export const questions = {
  /** Judgements that any question may use. */
  common: {
    choose: 'Now the rest of the answer.',
    number: 'Enter a number.',
  },

  /** Behind the last question. */
  end: {
    title: 'What you know now',
    text: `To try next: leave the lecture with “Explore freely”, drop a file with vectors of your own onto the page, or open the experiments,
which ask the same questions of any setting. The paper is short, and reads well from here: Kitaev, Kaiser and Levskaya, {year}.`,
  },

  /** By the id of the question: what to do, the parts of the answer, and the sentence for each judgement. */
  byId: {
    q1: {
      title: 'What is expensive?',
      text: 'Set the tower to the phase and the mode in which it holds the most. Then say what is expensive about a standard Transformer.',
      parts: {
        costs: {
          label: 'Expensive:',
          options: {
            parallel: 'its attention runs in parallel',
            activations: 'N layers keep N times the activations',
            pairs: 'every query meets every key',
          },
        },
      },
      learnt:
        'A standard Transformer is expensive for two reasons: N layers keep N times the activations, and every query meets every key.',
      judgements: {
        right: 'Right: depth, and length squared.',
        most: 'The tower can hold more than this.',
        'costs.parallel': 'Running in parallel is what makes it fast.',
        'costs.missing': 'That is one of two.',
      },
    },
    q2: {
      title: 'Why are activations kept?',
      text: 'Move the run to the first phase in which something that was kept is used.',
      parts: {
        kept: {
          label: 'They are kept because',
          options: {
            again: 'layers above read them again',
            backpropagation: 'backpropagation needs them',
            text: 'the text could be lost otherwise',
          },
        },
      },
      learnt: 'Activations are kept because backpropagation needs what went into each part.',
      judgements: {
        right: 'Right: corrections depend on what went in.',
        run: 'Move the phase.',
        up: 'On the way up things are only left behind.',
        late: 'It was used earlier.',
        'kept.again': 'A layer reads only what the one below hands it.',
        'kept.text': 'The text stays where it is.',
      },
    },
    q3: {
      title: 'What does hashing spare?',
      text: 'Read from the page: how many keys does the selected token see?',
      parts: {
        seen: { label: 'keys' },
        spared: {
          label: 'In a long text, comparing only so few makes attention',
          options: { accurate: 'more accurate', faster: 'faster, and misses some', layers: 'independent of depth' },
        },
      },
      learnt:
        'Hashing spares comparisons: a query meets only keys of its bucket nearby. That is faster in long texts, and misses some.',
      judgements: {
        right: 'Right. (This text is too short to be faster.)',
        seen: 'The page shows another number, at the left.',
        'spared.accurate': 'What is not compared cannot help: pairs are missed.',
        'spared.layers': 'Depth is a matter of the other idea.',
      },
    },
    q4: {
      title: 'What are reversible layers for?',
      text: 'The tower is at its top and keeps everything. Make it keep as little as possible, without fewer layers.',
      parts: {
        time: {
          label: 'A training step then takes',
          options: { shorter: 'less time', same: 'as long', longer: 'more time' },
        },
      },
      learnt:
        'Reversible layers compute activations again, so they need not keep them. That takes time and spares memory.',
      judgements: {
        right: 'Right: layers are computed twice.',
        others: 'Leave the layers and the phase as they were.',
        least: 'It can keep less.',
        'time.shorter': 'Something has to be computed once more.',
        'time.same': 'Something has to be computed once more.',
      },
    },
    q5: {
      title: 'How do the inputs come back?',
      text: 'Bring the lines into order, from first to last. Then run the tower to the bottom, and see.',
      parts: {
        back: {
          label: 'From $y1$ and $y2$:',
          options: {
            feedForward: 'compute FeedForward($y1$)',
            x2: 'subtract it from $y2$: $x2$',
            attention: 'compute Attention($x2$)',
            x1: 'subtract it from $y1$: $x1$',
          },
        },
      },
      learnt: 'Inputs come back in reverse: $back1$, then $back2$.',
      judgements: {
        right: 'Right: attention had read $x2$.',
        bottom: 'Run the tower to the bottom.',
        back: 'What is read has to be there already.',
      },
    },
    q6: {
      title: 'Which two parts make the difference?',
      text: 'This model attends in full and keeps everything. Two settings make a Reformer of it.',
      parts: {
        square: { label: 'The square of the length goes away with', options: ideas },
        depth: { label: 'The factor of depth goes away with', options: ideas },
      },
      learnt: 'LSH attention removes the square of the length, reversible layers the factor of depth.',
      judgements: {
        right: 'Right: one idea for each cost.',
        both: 'It is no Reformer yet.',
        'square.reversible': 'Reversible layers do nothing about the pairs.',
        'square.slices': 'Slices make no pair fewer.',
        'depth.lsh': 'Every layer would still keep its own.',
        'depth.slices': 'Every layer would still keep its own.',
      },
    },
    q7: {
      title: 'What do more hashes do?',
      text: 'Find the fewest rounds with which all queries together capture at least {leastCaptured} of full attention’s weight. (The chart has it; the card has one token.)',
      parts: {
        hashes: {
          label: 'More hashes are',
          options: { free: 'more accurate, at no cost', slower: 'more accurate, and slower', worse: 'faster' },
        },
      },
      learnt: 'More hash rounds find more pairs, and each costs as much as the first.',
      judgements: {
        right: 'Right: each round costs as much as the first.',
        few: 'All queries together capture less than that: see the chart.',
        many: 'Fewer are enough.',
        'hashes.free': 'Look at the times.',
        'hashes.worse': 'Look at the times.',
      },
    },
    q8: {
      title: 'How many words fit?',
      text: 'Double the tokens twice, and watch what is held on the device, at the top right.',
      parts: {
        words: { label: 'words were announced for one device of {gigabytes}' },
        growth: {
          label: 'With twice the tokens it holds about',
          options: { fourfold: 'four times as much', constant: 'the same', twofold: 'twice as much' },
        },
      },
      learnt:
        'Up to {million} words were announced for one device of {gigabytes}: there is no square, and one layer’s activations at a time.',
      judgements: {
        right: 'Right: each token meets at most $slots$ others.',
        doubled: 'Double the tokens twice.',
        words: 'Another number was announced.',
        'growth.fourfold': 'That would be a full matrix; here there is none.',
        'growth.constant': 'Each token has vectors of its own.',
      },
    },
    q9: {
      title: 'Why attend to the previous chunk?',
      text: 'Make the token see its twin by changing one setting: not the rounds, buckets, chunks or vectors.',
      parts: {
        chunks: {
          label: 'It helps because',
          options: {
            future: 'later tokens must be hidden',
            split: 'chunks are equal, so a bucket may be split',
            first: 'the first chunk is the most important',
          },
        },
      },
      learnt: 'Chunks are cut at equal lengths, so a bucket may be split: a query looks back one chunk.',
      judgements: {
        right: 'Right: the twin stood behind a wall.',
        twin: 'The token does not see its twin.',
        one: 'It sees its twin, but more than that one setting has changed.',
        'chunks.future': 'Masks do that, with or without look-back.',
        'chunks.first': 'Each query looks at the chunk before its own.',
      },
    },
    q10: {
      title: 'Why a little less BLEU?',
      text: 'Train both models until they repeat the word, with losses below {learntLoss} nats, and compare.',
      parts: {
        bleu: {
          label: 'The best standard model was slightly ahead because',
          options: {
            layers: 'reversible layers learn less',
            hashing: 'hashing missed words',
            tuning: 'it had been tuned for years',
          },
        },
      },
      learnt: 'At equal settings both kinds of layers learn alike. The best standard model had been tuned for years.',
      judgements: {
        right: 'Right: at equal settings both learn alike.',
        train: 'Train both first.',
        longer: 'They are still guessing, or nearly: train on.',
        'bleu.layers': 'At equal settings they learn alike, as you see.',
        'bleu.hashing': 'There was no hashing in that experiment.',
      },
    },
  },
};
