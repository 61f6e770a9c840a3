"""The web application: thin routes, one context dataclass a page, templates. All work is done by `kb`."""
