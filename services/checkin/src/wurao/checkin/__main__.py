"""`python -m wurao.checkin`: serve, or `migrate`."""

from wurao.checkin.app import build
from wurao.checkin.settings import Settings
from wurao.common.process import main

main("checkin", build, Settings)
