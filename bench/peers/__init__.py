"""The tools that a team would pick instead, each behind the same small Protocol and run in a process of its own."""
