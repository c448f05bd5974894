"""`python -m wurao.penalty`: serve, or `migrate`."""

from wurao.common.process import main
from wurao.penalty.app import build
from wurao.penalty.settings import Settings

main("penalty", build, Settings)
