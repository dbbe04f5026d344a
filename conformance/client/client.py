"""Makes the calls: paced, counted, and kept as evidence."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

from conformance.client.budget import UNLIMITED, Budget
from conformance.client.channel import Channel
from conformance.client.draft import Draft
from conformance.client.pacing import Pacer
from conformance.client.silence import Silence
from conformance.client.tls import tls_context
from conformance.configuration.settings import TargetSettings
from conformance.contract import answer as answers
from conformance.contract import codes
from conformance.evidence.exchange import Exchange
from conformance.exceptions import Blocked

__all__ = ["Client", "is_throttled"]

MOST_REPEATS, MOST_WAITS = 2, 3
"""How often a call is repeated that flow control refused although it was paced, and one that met congestion."""

UNAVAILABLE = 503
PATIENCE = 3
"""Times of target.timeout that a provider-state hook is given."""

SOME_SECONDS = 2.0
THROTTLED = f"refused by flow control ({codes.FLOW_CONTROL}) although paced; repeated after a minute"
RESTART = f"the connection was refused; repeated after {SOME_SECONDS:g} seconds"
CONGESTION = f"refused for congestion ({codes.CONGESTION}); repeated after {SOME_SECONDS:g} seconds"


@dataclass
class Tally:
    """What a client has counted and found out; in a distributed run it goes from hand to hand.

    Attributes:
        calls: calls to the endpoint under test.
        throttled: calls made once more as flow control had refused them although paced.
        resent: calls made once more as they were lost with their connection.
        congestion_passes: whether waiting for the end of congestion hasn't been in vain so far.
        timeouts: time-outs, by origin.
        reached: whether the target took a connection before, and hasn't stayed away since.
    """

    calls: int = 0
    throttled: int = 0
    resent: int = 0
    congestion_passes: bool = True
    timeouts: dict[str, int] = field(default_factory=dict)
    reached: bool = False


class Client:
    """Calls the target of SETTINGS at the pace of PACER, and counts the calls to the endpoint under test.

    most_calls: as many may be made for now; a further one is Blocked. None: any number.
    """

    def __init__(self, settings: TargetSettings, pacer: Pacer, budget: Budget = UNLIMITED) -> None:
        self.settings, self.pacer, self._budget = settings, pacer, budget
        self.most_calls: int | None = None
        self.reconnecting = False
        """Whether every call gets a new connection, as the target mixes up those that share one."""

        self.tally = Tally()
        self._lock = threading.Lock()
        self.context = tls_context(settings) if settings.https else None
        self.silence = Silence()
        self._channel = self.channel()

    @property
    def calls(self) -> int:
        """Calls to the endpoint under test so far."""
        return self.tally.calls

    def hand_over(self) -> Tally:
        """What another process needs to go on in place of this one."""
        return replace(self.tally, timeouts=dict(self.silence.timeouts))

    def take_over(self, tally: Tally) -> None:
        """Go on with what another process counted."""
        self.tally, self.silence.timeouts = tally, dict(tally.timeouts)

    def channel(self) -> Channel:
        """A channel of its own to the target, for simultaneous and sibling calls."""
        return self._to(self.settings.base_url, self.settings.timeout)

    def channel_to(self, url: str) -> Channel:
        """A channel to URL for the provider's calls, which may take longer: preparing hundreds of commands does."""
        return self._to(url, PATIENCE * self.settings.timeout)

    def _to(self, url: str, timeout: float, silence: Silence | None = None) -> Channel:
        return Channel(
            url, timeout, self.context, self._budget, direct=self.settings.embedded, silence=silence or self.silence
        )

    def close(self) -> None:
        """Close the connection, and leave the pace to others."""
        self._channel.close()
        self.pacer.close()

    def send(self, draft: Draft, *, expected: str = "", fresh: bool = False, paced: bool = True) -> Exchange:
        """Send DRAFT and return the evidence.

        fresh: on a new connection, so that it can't be made twice. paced: False when the calls were admitted before.
        A refusal by flow control means that somebody else calls the target too: the minute is waited out and the
        call repeated, unless the target has no threshold or the calls were admitted before. Congestion may come and
        go: the call is repeated some times, until that has been for nothing, unless the calls were admitted before. So
        it is where the connection is refused by a target that was there before, which may be starting anew.
        """
        notes: tuple[str, ...] = ()
        while True:
            if paced:
                self.pacer.admit()
            exchange = self._once(self._channel, draft, fresh=fresh)
            exchange = replace(
                exchange,
                edit=draft.edit,
                expected=expected,
                notes=(*notes, *exchange.notes),
                resent=len(notes) + exchange.resent,
            )
            note = self._repeated(exchange, notes, paced=paced)
            if note is None:
                return exchange
            notes = (*notes, note)

    def _repeated(self, exchange: Exchange, notes: tuple[str, ...], *, paced: bool) -> str | None:
        """Why the call of EXCHANGE, which NOTES were made on, is made once more now; None: it isn't."""
        tally = self.tally
        if is_away(exchange):
            # Nothing of the call arrived, so that it can be made again, whatever it is.
            tally.reached = tally.reached and self._waited(notes, RESTART)
            return RESTART if tally.reached else None
        tally.reached = True
        if not paced:
            return None
        if self.settings.calls_per_minute and is_throttled(exchange):
            if notes.count(THROTTLED) >= MOST_REPEATS:
                return None
            tally.throttled += 1
            self.pacer.exhaust()
            return THROTTLED
        if is_congested(exchange):
            tally.congestion_passes = tally.congestion_passes and self._waited(notes, CONGESTION)
            return CONGESTION if tally.congestion_passes else None
        return None

    def _waited(self, notes: tuple[str, ...], note: str) -> bool:
        """Wait some seconds, unless that was done often enough by NOTES."""
        if notes.count(note) >= MOST_WAITS:
            return False
        self.pacer.wait(SOME_SECONDS)
        return True

    def send_together(self, drafts: tuple[Draft, ...], *, expected: str = "") -> tuple[Exchange, ...]:
        """Send DRAFTS at the same time, each on a connection of its own."""
        self.pacer.admit(len(drafts))
        # A small server may serve one kept-alive connection at a time.
        self._channel.close()
        # Together they cost one time limit, however many of them aren't answered in it.
        channels = [self._to(self.settings.base_url, self.settings.timeout, Silence()) for _ in drafts]
        gate = threading.Barrier(len(drafts))
        results: dict[int, Exchange] = {}
        problems: list[Blocked] = []

        def call(index: int) -> None:
            gate.wait()
            try:
                results[index] = self._once(channels[index], drafts[index], fresh=False)
            except Blocked as error:
                problems.append(error)
            finally:
                channels[index].close()

        threads = [threading.Thread(target=call, args=(index,)) for index in range(len(drafts))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if problems:
            raise problems[0]
        answered = [exchange for exchange in results.values() if exchange.response is not None]
        self.silence.note(self.settings.base_url, (answered or list(results.values()))[0])
        return tuple(replace(results[index], edit=draft.edit, expected=expected) for index, draft in enumerate(drafts))

    def _once(self, channel: Channel, draft: Draft, *, fresh: bool) -> Exchange:
        with self._lock:
            if self.most_calls is not None and self.calls >= self.most_calls:
                raise Blocked("the budget of calls (--max-calls) is used up")
            self.tally.calls += 1
        exchange = channel.send(draft.request(self.settings.base_url), fresh=fresh or self.reconnecting)
        with self._lock:
            self.tally.calls += exchange.resent
            self.tally.resent += exchange.resent
        return exchange


def is_away(exchange: Exchange) -> bool:
    """Whether nobody took the connection of EXCHANGE."""
    fault = exchange.fault
    return fault is not None and fault.kind == "unreachable" and "refused" in fault.message.lower()


def is_congested(exchange: Exchange) -> bool:
    """Whether EXCHANGE was refused, as the document has it, for the network's congestion."""
    response = exchange.response
    return response is not None and response.status == UNAVAILABLE and answers.read(response).code == codes.CONGESTION


def is_throttled(exchange: Exchange) -> bool:
    """Whether EXCHANGE was refused by flow control."""
    return exchange.response is not None and answers.read(exchange.response).code == codes.FLOW_CONTROL
