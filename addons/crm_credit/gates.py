"""Enclosing methods of a finished class: what must come before or around all overrides, whoever wrote them."""

import functools


def enclose(cls, name, gate):
    """Let ``gate(self, method, *args, **kwargs)`` run in place of ``cls.name``, outside of every override.

    For ``_register_hook``: an ordinary override can't be sure to be the outermost one, and addons that aren't installed
    can't be extended. Does nothing where there is no such method, or where it is enclosed already.
    """
    method = getattr(cls, name, None)
    if method is None or getattr(method, 'credit_gate', False):
        return

    @functools.wraps(method)
    def enclosed(self, *args, **kwargs):
        return gate(self, method, *args, **kwargs)

    enclosed.credit_gate = True
    setattr(cls, name, enclosed)


def disclose(cls, *names):
    """Take back what :func:`enclose` did."""
    for name in names:
        if getattr(cls.__dict__.get(name), 'credit_gate', False):
            delattr(cls, name)
