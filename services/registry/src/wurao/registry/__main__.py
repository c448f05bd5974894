"""`python -m wurao.registry`: serve, or `migrate`."""

from wurao.common.process import main
from wurao.registry.app import build
from wurao.registry.settings import Settings

main("registry", build, Settings)
