"""How a draft is proposed from a file, one kind of field a module. `kb.desk.propose` is the way in."""
