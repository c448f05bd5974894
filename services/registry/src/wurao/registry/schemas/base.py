"""Kinds of text that several schemas share: bounded, and without NUL, which PostgreSQL cannot keep."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from wurao.common import area as areas
from wurao.common.uscc import normalise_uscc

NO_NUL = r"^[^\x00]*$"

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
AreaCode = Annotated[str, StringConstraints(pattern=r"^([0-9]{6}|[0-9]{9})$"), AfterValidator(areas.canonical)]
Uscc = Annotated[str, StringConstraints(min_length=18, max_length=40), AfterValidator(normalise_uscc)]
EnterpriseId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")]

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]
Line = Annotated[str, StringConstraints(max_length=500, pattern=NO_NUL)]
Reason = Annotated[str, StringConstraints(min_length=2, max_length=500, pattern=NO_NUL)]
LegalDay = Annotated[date, Field(ge=date(1949, 10, 1), le=date(2199, 12, 31))]
