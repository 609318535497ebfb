#include "config.h"
#include "detect/automaton.h"
#include <string.h>

void
ds_automaton_init (DsAutomaton *a)
{
  DsAutomatonState root = { 0 };
  a->states = g_array_new (FALSE, TRUE, sizeof (DsAutomatonState));
  a->longest = 0;
  g_array_append_val (a->states, root);
  memset (a->first, 0, sizeof a->first);
}

void
ds_automaton_clear (DsAutomaton *a)
{
  explicit_bzero (a->states->data, a->states->len * sizeof (DsAutomatonState)); /* they spell the keys */
  g_array_unref (a->states);
}

static guint32
child_of (const DsAutomaton *a, guint32 state, guint8 byte)
{
  if (state == 0)
    return a->first[byte];
  guint32 child = ds_automaton_state (a, state)->child;
  while (child != 0 && ds_automaton_state (a, child)->byte != byte)
    child = ds_automaton_state (a, child)->sibling;
  return child;
}

guint32
ds_automaton_add (DsAutomaton *a, const guint8 *key, guint length, guint32 value)
{
  guint32 state = 0;
  a->longest = MAX (a->longest, length);
  for (guint i = 0; i < length; i++)
    {
      guint32 child = child_of (a, state, key[i]);
      if (child == 0)
        {
          child = a->states->len;
          DsAutomatonState fresh = { 0, state == 0 ? 0 : ds_automaton_state (a, state)->child, 0, 0, 0, i + 1, key[i] };
          g_array_append_val (a->states, fresh);
          if (state == 0)
            a->first[key[i]] = child;
          else
            ds_automaton_state (a, state)->child = child;
        }
      state = child;
    }
  if (ds_automaton_state (a, state)->value == 0)
    ds_automaton_state (a, state)->value = value + 1;
  return ds_automaton_state (a, state)->value - 1;
}

guint32
ds_automaton_step (const DsAutomaton *a, guint32 state, guint8 byte)
{
  for (;;)
    {
      guint32 child = child_of (a, state, byte);
      if (child != 0 || state == 0)
        return child;
      state = ds_automaton_state (a, state)->fail;
    }
}

static void
queue_children (const DsAutomaton *a, guint32 state, GArray *queue)
{
  for (guint32 child = ds_automaton_state (a, state)->child; child != 0; child = ds_automaton_state (a, child)->sibling)
    g_array_append_val (queue, child);
}

void
ds_automaton_build (DsAutomaton *a)
{
  g_autoptr (GArray) queue = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint byte = 0; byte < 256; byte++)
    if (a->first[byte] != 0)
      g_array_append_val (queue, a->first[byte]);
  guint roots = queue->len;
  for (guint i = 0; i < queue->len; i++)
    {
      guint32 at = g_array_index (queue, guint32, i);
      /* The parent's fail was set before; a child finds its own from there (breadth first). */
      DsAutomatonState *state = ds_automaton_state (a, at);
      if (i < roots)
        state->fail = 0;
      state->output = state->value != 0 ? at : ds_automaton_state (a, state->fail)->output;
      guint first = queue->len;
      queue_children (a, at, queue);
      for (guint k = first; k < queue->len; k++)
        {
          DsAutomatonState *child = ds_automaton_state (a, g_array_index (queue, guint32, k));
          child->fail = ds_automaton_step (a, state->fail, child->byte);
        }
    }
}
