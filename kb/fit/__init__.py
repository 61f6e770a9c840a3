"""Will it work here? What a case says it needs, beside the reader's own context. Rules and wording: `corpus/fit`."""
