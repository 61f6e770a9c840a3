"""Will it work here? What a case says it needs, and the reader's own context beside it. Rules and wording are data in `corpus/fit`."""
