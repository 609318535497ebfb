/* fuzz/property: what holds for every tree, text and map, whatever bytes they were made from.  Each ends the program
 * where it does not hold, which is what a fuzzer looks for. */
#pragma once
#include "base/span-map.h"
#include "content/text.h"
#include "content/tree.h"
#include <stddef.h>
#include <stdint.h>

/* What every program of this folder defines; it is called with hostile bytes. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define fuzz_require(condition, ...)                                    \
  do                                                                    \
    if (!(condition))                                                   \
      {                                                                 \
        g_printerr ("%s:%d: required: %s: ", __FILE__, __LINE__, #condition); \
        g_printerr (__VA_ARGS__);                                       \
        g_printerr ("\n");                                              \
        abort ();                                                       \
      }                                                                 \
  while (0)

/* Valid UTF-8, in which NUL may stand, and a NUL behind it. */
void fuzz_require_utf8 (const char *utf8, gsize size);
/* The map describes size bytes of output, and names no input beyond [first, end). */
void fuzz_require_map (const DsSpanMap *map, gsize size, gsize first, gsize end);
/* Both, for a text whose map leads into [first, end). */
void fuzz_require_text (const DsText *text, gsize first, gsize end);
/* Every byte of every frame is in exactly one leaf, in order. */
void fuzz_require_tiled (DsTree *tree);
/* Reads every leaf, and requires of each text what is above. */
void fuzz_require_readings (DsTree *tree);

/* Choices that depend on the input's bytes alone, so that an input is a plain mail (or text) and yet a run can be repeated. */
GRand *fuzz_choices (const uint8_t *data, size_t size);
