"""An offsite by a team: its leader hands out the work; whoever reserves the room needs something that only people
know, while the invitation is written beside it, and asks how it should sound."""

import re
from typing import Any, Literal

from workflows import Step, Workflow
from workflows.agents import Agent, Team, UserFeedbackTools, tool
from workflows.demo.playing import asked, asked_for, honest, model, says, told, wants
from workflows.engine.conversation import Reply, Request

ROOMS = {"garden": 30, "library": 12, "workshop": 20}
TONES = {"Warm": "Looking forward to a good day with you.", "Brief": "See you there."}


@tool(repeatable=True)
def find_rooms(people: int) -> list[str]:
    """The rooms that are large enough.

    Args:
        people: How many people come.
    """
    return [f"{room} (up to {most})" for room, most in ROOMS.items() if most >= people]


@tool(requires_user_input=True, user_input_fields=["room", "lunch", "cost_centre"])
def reserve_room(
    people: int, day: str, room: Literal["garden", "library", "workshop"], lunch: bool, cost_centre: str
) -> str:
    """Reserve a room for a day.

    Args:
        people: How many people come.
        day: The day, like 2026-05-11.
        room: Which one.
        lunch: Whether there is something to eat.
        cost_centre: Who pays, four digits.
    """
    meal = "with lunch" if lunch else "without lunch"
    return f"The {room} is reserved on {day} for {people} people, {meal}, paid by {cost_centre}"


def scout_script(request: Request) -> Reply:
    """What somebody says who looks for rooms."""
    known, task = told(request), asked(request)
    people, day = re.search(r"(\d+) people", task), re.search(r"\d{4}-\d\d-\d\d", task)
    count = int(people[1]) if people else 8
    if "find_rooms" not in known:
        return says("Which rooms are large enough?", wants("find_rooms", people=count))
    if "reserve_room" not in known:
        return says(
            "Which of them, and who pays, I have to ask.",
            wants("reserve_room", people=count, day=day[0] if day else "the first free day"),
        )
    done = known["reserve_room"]
    return says(f"No room is reserved: {done.content}" if done.failed else f"{done.content}.")


def writer_script(request: Request) -> Reply:
    """What somebody says who writes invitations."""
    answer = told(request).get("ask_user")
    if answer is None:
        options = [
            {"label": "Warm", "description": "A sentence more, from person to person"},
            {"label": "Brief", "description": "When, where, done"},
        ]
        question = {"question": "How should the invitation sound?", "header": "Tone", "options": options}
        return says("I can write it in two ways.", wants("ask_user", questions=[question]))
    tone = "Warm" if '"Warm"' in answer.content else "Brief"
    return says(f"“You are invited to our offsite. {TONES[tone]}”")


def leader_script(request: Request) -> Reply:
    """What a leader says who hands out work and puts together what came of it."""
    results = [message.content for message in request.messages if message.role == "tool"]
    if results:
        return says("\n\n".join(["Everything is prepared.", *results]))
    wanted = asked_for(request)
    people, day = wanted.get("people", 8), wanted.get("day", "a day in spring")
    return says(
        "One of us finds a room, one writes the invitation.",
        _hands("room-scout", f"Reserve a room for {people} people on {day}."),
        _hands("writer", f"Write an invitation to our offsite: {wanted.get('purpose', 'a day together')}."),
    )


def _hands(member: str, task: str) -> Any:
    return wants("delegate_task_to_member", member_id=member, task=task)


scout = Agent(
    model(scout_script),
    name="Room scout",
    role="Finds a room and reserves it.",
    tools=[find_rooms, reserve_room],
)
writer = Agent(
    model(writer_script),
    name="Writer",
    role="Writes the invitation, after it has asked how it should sound.",
    tools=[UserFeedbackTools()],
)
office = Team(
    [scout, writer],
    model(leader_script),
    name="Offsite office",
    instructions=[
        "You prepare an offsite. What is wanted comes as JSON.",
        "Hand out reserving the room and writing the invitation at the same time, and say everything that is needed.",
        "End with what was reserved and the text of the invitation.",
    ],
    description="Prepares a day of a whole team somewhere else.",
)

offsite_team = Workflow(
    id="offsite-team",
    name=honest("Offsite by a team"),
    description="A team prepares an offsite; its members ask what only people know, at the same time.",
    steps=[Step("prepare it", team=office, on_error="pause")],
)
