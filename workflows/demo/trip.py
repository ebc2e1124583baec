"""A business trip: an input that says what it must be, and a form with a field of nearly every type."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from workflows import HumanReview, OnReject, Step, StepInput, UserInputField, Workflow
from workflows.types import File

MOST = 5000


class Trip(BaseModel):
    """What somebody asks for who wants to travel."""

    traveller: Annotated[str, Field(json_schema_extra={"format": "username"}, description="Who travels.")]
    destination: str = Field(max_length=60, description="City and country.")
    first_day: date
    last_day: date
    purpose: str = Field(json_schema_extra={"format": "textarea"}, description="What comes of it for us?")
    budget: float = Field(gt=0, le=MOST, description="In euros, everything included.")
    by: Literal["train", "plane", "car"] = "train"
    needs: list[Literal["hotel", "visa", "rental car", "insurance"]] = Field(default=["hotel"], title="Needs")
    first_meeting: datetime | None = Field(None, description="Arrive well before it.")
    agenda: File | None = Field(None, description="If there is one.")


def check(step_input: StepInput) -> dict[str, Any]:
    """Say what is asked for in few words."""
    trip: Trip = step_input.input
    days = (trip.last_day - trip.first_day).days + 1
    return {
        "who": trip.traveller,
        "where": trip.destination,
        "days": days,
        "per day": f"{trip.budget / max(days, 1):.2f} EUR",
        "needs": trip.needs,
        "agenda": str(trip.agenda) if trip.agenda else "none",
    }


def book(step_input: StepInput) -> dict[str, Any]:
    """Pretend to book what was filled in."""
    filled: dict[str, Any] = (step_input.additional_data or {})["user_input"]
    return {name: str(value) if isinstance(value, File) else value for name, value in filled.items()}


FORM = [
    UserInputField(
        "cost_centre", pattern="[A-Z]{2}-[0-9]{4}", placeholder="AB-1234", description="As on invoices."
    ),
    UserInputField("limit", "float", minimum=0, maximum=MOST, step=0.5, value=500.0, description="In euros."),
    UserInputField("nights", "int", minimum=0, maximum=30, value=2),
    UserInputField("room", allowed_values=["none", "single", "shared"], value="single"),
    UserInputField("shared_with", "user", when={"room": "shared"}, description="Whoever else travels."),
    UserInputField("check_in", "date", required=False, when={"room": ["single", "shared"]}),
    UserInputField("arrives_at", "time", required=False),
    UserInputField("answer_by", "datetime", description="When the traveller must know."),
    UserInputField(
        "extras", "choices", allowed_values=["breakfast", "late check-out", "parking"], required=False
    ),
    UserInputField("tell", "list", items="str", max_length=5, required=False, description="Mail addresses."),
    UserInputField("refundable", "bool"),
    UserInputField("offer", "file", accept=[".pdf", "image/*"], max_size=1024 * 1024, required=False),
    UserInputField("settings", "dict", value={"currency": "EUR"}, required=False),
    UserInputField("remarks", "text", max_length=2000, required=False),
]

trip = Workflow(
    id="trip",
    name="Business trip",
    description="Somebody wants to travel; who books it fills in what is needed.",
    input_schema=Trip,
    steps=[
        Step("check", check, repeatable=True),
        Step(
            "book",
            book,
            irreversible=True,
            human_review=HumanReview(
                requires_user_input=True,
                user_input_message="Book this trip? Fill in what the booking needs.",
                user_input_schema=FORM,
                on_reject=OnReject.cancel,
            ),
        ),
    ],
)
