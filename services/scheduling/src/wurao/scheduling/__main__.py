"""`python -m wurao.scheduling`: serve, or `migrate`."""

from wurao.common.process import main
from wurao.scheduling.app import build
from wurao.scheduling.settings import Settings

main("scheduling", build, Settings)
