"""The engine's functions, as they stand for few tasks and compiled by numba for many.

Compiling takes seconds, once for a machine: its result is kept beside the source, or where `NUMBA_CACHE_DIR` says.
"""

from functools import cache
from types import FunctionType, ModuleType, SimpleNamespace

from wurao.scheduling.domain.merge import bound, grouping, placing, rescue, tidying, visits

MODULES: tuple[ModuleType, ...] = (grouping, bound, visits, placing, rescue, tidying)
WORTHWHILE = 2_000
"""From so many tasks on the compiled functions are faster, though they may have to be compiled first."""


def functions(tasks: int) -> SimpleNamespace:
    """The functions of all modules by name, for so many tasks."""
    return compiled() if tasks >= WORTHWHILE else plain()


@cache
def plain() -> SimpleNamespace:
    """The functions as they stand."""
    return SimpleNamespace(**{name: each for module in MODULES for name, each in _own(module).items()})


@cache
def compiled() -> SimpleNamespace:
    """The functions compiled, each calling the others compiled."""
    from numba import njit

    made: dict[str, object] = {}
    for module in MODULES:
        known = {**vars(module), **made}
        for name, each in _own(module).items():
            # The same code over names of its own: there it finds the compiled ones.
            known[name] = njit(cache=True)(FunctionType(each.__code__, known, name, each.__defaults__))
        made |= {name: known[name] for name in _own(module)}
    return SimpleNamespace(**made)


def _own(module: ModuleType) -> dict[str, FunctionType]:
    own = {name: each for name, each in vars(module).items() if isinstance(each, FunctionType)}
    return {name: each for name, each in own.items() if each.__module__ == module.__name__}
