"""The quarter, step by step; each step is played over HTTP and fails loudly when what it promises does not hold."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from wurao.embedded.demo import following, opening, planning, visiting
from wurao.embedded.demo.client import Callers
from wurao.embedded.demo.county import County
from wurao.embedded.demo.stage import Stage
from wurao.embedded.demo.summary import Quarter

Step = Callable[[Stage], Awaitable[None]]

STEPS: tuple[Step, ...] = (
    opening.import_the_county,
    opening.publish_agencies_and_items,
    opening.grade_everybody,
    planning.make_plans,
    planning.hold_the_draw,
    planning.try_what_is_not_allowed,
    planning.act_on_a_complaint,
    planning.merge_into_visits,
    planning.approve_visits,
    visiting.go_to_every_door,
    visiting.meet_an_emergency,
    visiting.count_callbacks,
    following.decide_cases,
    following.see_the_grade_move,
    following.show_an_enterprise_itself,
    following.report_an_unfiled_entry,
    following.prove_a_complaint,
    following.suspend_the_officer,
    following.close_the_quarter,
)


class Play(Stage):
    """A stage made from its parts."""

    def __init__(self, callers: Callers, pack: str, area: str, sample: Path, start: datetime) -> None:
        super().__init__(County(callers, pack, area, sample), Quarter(pack=pack, area=area, ended_at=start), start)

    def finished(self, seconds: float) -> Quarter:
        """The quarter as played."""
        self.quarter.seconds = seconds
        self.quarter.ended_at = self.now
        return self.quarter
