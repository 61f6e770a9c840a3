"""From a question to ranked, explained records: query, two legs a language, fusion within a language, one merged list."""
