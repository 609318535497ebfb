/* Reads lines "validator<TAB>number" and answers each with 1 or 0: the C side of tests/e2e/validators-stdnum.py. */
#include "config.h"
#include "detect/validators.h"
#include <stdio.h>
#include <string.h>

int
main (void)
{
  char line[1024];
  while (fgets (line, sizeof line, stdin) != NULL)
    {
      line[strcspn (line, "\n")] = '\0';
      char *tab = strchr (line, '\t');
      if (tab == NULL)
        return 2;
      *tab = '\0';
      const DsValidator *validator = ds_validator_by_name (line);
      if (validator == NULL)
        {
          fprintf (stderr, "no validator is called \"%s\"\n", line);
          return 2;
        }
      puts (validator->valid (tab + 1, strlen (tab + 1)) ? "1" : "0");
    }
  return 0;
}
