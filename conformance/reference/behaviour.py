"""The call itself, in small steps, each of which a fault or a variant can edit.

The steps are methods of this class and of its parts. They are looked up on the object at every use, so that
`edits.wrap` can put an edit around one of them.
"""

from __future__ import annotations

from conformance.reference.access import Access
from conformance.reference.answers import Answers
from conformance.reference.call import Call
from conformance.reference.errors import (
    CONGESTION,
    FLOW_CONTROL,
    INTERNAL_ERROR,
    INVALID_CREDENTIALS,
    INVALID_INPUT,
    NO_APP_KEY,
    OTHER_METHOD,
    UNKNOWN_DEVICE,
    Refusal,
)
from conformance.reference.messages import Answer, Request, Transmission
from conformance.reference.reading import Reading
from conformance.reference.revocation import Revocation
from conformance.reference.store import Store
from conformance.reference.timers import Timers
from conformance.reference.wire import Wire

PATH = "/iocm/app/cmd/v1.4.0/deviceCommandCancelTasks"


class Behaviour:
    """How POST on the path of the call behaves. Correct as it stands."""

    def __init__(self, store: Store, timers: Timers) -> None:
        self.store = store
        self.timers = timers
        self.access = Access(store)
        self.reading = Reading()
        self.revocation = Revocation(store, timers)
        self.answers = Answers()
        self.wire = Wire()
        # The checks in their order, by name; each is the method check_<name>.
        self.order: tuple[str, ...] = (
            "flow_control",
            "congestion",
            "internal_error",
            "app_key",
            "credentials",
            "body",
            "application",
            "device",
        )

    # ---- the whole -----------------------------------------------------------------------------------------------

    def exchange(self, request: Request) -> Transmission:
        """The answer to a request, in the parts it is sent in."""
        return self.wire.transmit(request, self.respond(request))

    def respond(self, request: Request) -> Answer:
        """The answer to a request, whatever happens on the way."""
        return self.answers.answer(request, self.handle)

    def handle(self, request: Request) -> Answer:
        """Check the call and carry it out; raises Refusal."""
        if not self.creates_task(request.method):
            raise Refusal(OTHER_METHOD)
        call = Call(request)
        for name in self.order:
            getattr(self, f"check_{name}")(call)
        return self.accept(call)

    def creates_task(self, method: str) -> bool:
        """Whether the method is the one of the call."""
        return method == "POST"

    # ---- Error Codes: the states of the platform -----------------------------------------------------------------

    def check_flow_control(self, call: Call) -> None:
        """403 1010009."""
        if not self.access.within_allowance(call.request):
            raise Refusal(FLOW_CONTROL)

    def check_congestion(self, _call: Call) -> None:
        """503 100501."""
        if self.store.congested:
            raise Refusal(CONGESTION)

    def check_internal_error(self, _call: Call) -> None:
        """500 100001."""
        if self.store.failing:
            raise Refusal(INTERNAL_ERROR)

    # ---- Request Parameters: app_key, Authorization --------------------------------------------------------------

    def check_app_key(self, call: Call) -> None:
        """500 100220."""
        call.app_key = self.reading.app_key(call.request) or ""
        if not call.app_key:
            raise Refusal(NO_APP_KEY)

    def check_credentials(self, call: Call) -> None:
        """403 1010005."""
        application = self.access.find_caller(call)
        token = self.reading.token(call.request)
        if application is None or token is None:
            raise Refusal(INVALID_CREDENTIALS)
        with self.store.lock:
            accepted = self.access.accepted_tokens(application)
        if not any(self.access.same_token(token, one) for one in accepted):
            raise Refusal(INVALID_CREDENTIALS)
        call.caller = application

    # ---- Request Parameters: deviceId in the body ----------------------------------------------------------------

    def check_body(self, call: Call) -> None:
        """400 100022."""
        try:
            call.device_id = self.reading.device_id(self.reading.json(call.request))
        except ValueError as error:
            raise Refusal(INVALID_INPUT) from error

    # ---- Request Parameters: appId in the query, and whose device it is ------------------------------------------

    def check_application(self, call: Call) -> None:
        """100203, 100217."""
        call.owner = self.access.find_owner(call.caller, call.request.parameter("appId"))

    def check_device(self, call: Call) -> None:
        """200 100418."""
        device = self.access.find_device(call.owner, call.device_id)
        if device is None:
            raise Refusal(UNKNOWN_DEVICE)
        call.device = device

    # ---- API Function: the revocation ----------------------------------------------------------------------------

    def accept(self, call: Call) -> Answer:
        """Make the task, carry it out, and answer with it as it was made."""
        with self.store.lock:
            task = self.revocation.create_task(call)
            members = self.answers.task(task)
        self.revocation.schedule(task)
        return self.answers.accepted(members)
