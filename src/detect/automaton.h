/* detect/automaton: which of many keys end at each byte of a stream (Aho and Corasick, Communications of the ACM 18, 1975).
 *
 * Keys are secret: what spells them is wiped. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Children of a state are a linked list, but the root's, which every byte asks, are a table. */
typedef struct
{
  guint32 child, sibling, fail;
  guint32 output; /* the nearest state at which a key ends, on the way of fails; itself if one does; 0: none */
  guint32 value;  /* number + 1, or 0 */
  guint32 length; /* bytes of the key */
  guint8 byte;
} DsAutomatonState;

typedef struct
{
  GArray *states; /* of DsAutomatonState; 0 is the root */
  guint longest;  /* bytes of the longest key */
  guint32 first[256];
} DsAutomaton;

void ds_automaton_init (DsAutomaton *automaton);
void ds_automaton_clear (DsAutomaton *automaton);

/* length: bytes, at least one.  Returns the number of the value that has this key: an earlier one, if there is one. */
guint32 ds_automaton_add (DsAutomaton *automaton, const guint8 *key, guint length, guint32 value);
/* After the last key, before the first step. */
void ds_automaton_build (DsAutomaton *automaton);

/* The state after one more byte; 0 is where to begin. */
guint32 ds_automaton_step (const DsAutomaton *automaton, guint32 state, guint8 byte);

static inline DsAutomatonState *
ds_automaton_state (const DsAutomaton *automaton, guint32 i)
{
  return &g_array_index (automaton->states, DsAutomatonState, i);
}

G_END_DECLS
