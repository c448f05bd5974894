"""`python -m wurao.supervision`: serve, or `migrate`."""

from wurao.common.process import main
from wurao.supervision.app import build
from wurao.supervision.settings import Settings

main("supervision", build, Settings)
