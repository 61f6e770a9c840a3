"""Thai and English text: one normal form, words, years, language, sentences, highlights.

Everything here works on plain strings and knows no storage. `TEXT_VERSION` is stored with each index: raise it whenever a
change here gives other words or another normal form for the same text.
"""

TEXT_VERSION = 3
