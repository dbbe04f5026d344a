"""Outcomes of requirements, waivers, the verdict and the exit status, over a small ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal

import pytest

from conformance.case import frame
from conformance.case.case import Case
from conformance.configuration.settings import Waiver
from conformance.contract.documents import Contract, Requirement
from conformance.record.results import CaseResult, Evidence, Finding, Outcome
from conformance.verdict import Exit, Judged, Policy, judge

TODAY = dt.date(2026, 7, 1)


def requirement(
    identity: str, level: Literal["MUST", "SHOULD"] = "MUST", untestable: str | None = None, masked_by: str = ""
) -> Requirement:
    """A requirement of the small ledger."""
    masks = tuple(masked_by.split())
    return Requirement(identity, level, "s", "r", "It is so.", "Do so.", "document", (), untestable, masks)


LEDGER = (
    requirement("first"),
    requirement("second"),
    requirement("masked", masked_by="first"),
    requirement("advice", "SHOULD"),
    requirement("elsewhere", untestable="Another call's."),
)
CONTRACT = Contract("document", MappingProxyType({one.id: one for one in LEDGER}), (), {}, {})


def case(identity: str, *proves: str, **settings: Any) -> Case:
    """A case that proves those requirements."""
    return Case(identity, "It is so.", "chapter", proves, settings.pop("general", ()), **settings)


CASES = (case("one", "first", general=("advice",)), case("two", "second", "masked", general=("first", "advice")))


def result(
    of: Case, *findings: Finding, untested: Mapping[str, str] | None = None, outcome: Outcome | None = None
) -> CaseResult:
    """What OF found; the outcome that goes with it unless another is given."""
    fails = any(finding.outcome == "failed" for finding in findings)
    natural: Outcome = "failed" if fails else "tolerated" if findings else "passed"
    evidence = Evidence(duration_s=0.0, calls=1)
    return CaseResult(
        of.id, of.title, of.chapter, of.requirements, outcome or natural, "", evidence, findings, dict(untested or {})
    )


def fails(identity: str) -> Finding:
    """A violation."""
    return Finding(identity, "failed", f"{identity} doesn't hold", "so", "otherwise")


def tolerable(identity: str) -> Finding:
    """Something that an interpretation explains."""
    return Finding(identity, "tolerated", f"{identity} is odd", "so", "oddly", reading="reading")


PASSED = (result(CASES[0]), result(CASES[1]))


def judged(
    *results: CaseResult,
    cases: tuple[Case, ...] = CASES,
    declared: Mapping[str, str] | None = None,
    no_verdict: str = "",
    **policy: Any,
) -> Judged:
    """The judgement over the small ledger."""
    policy_of_today = Policy(today=TODAY, **policy)
    return judge(CONTRACT, cases, results, policy_of_today, declared=declared or {}, no_verdict=no_verdict)


def outcomes(judgement: Judged) -> dict[str, str]:
    """Outcome of each requirement but the one that is always untestable."""
    return {one.id: one.outcome for one in judgement.requirements if one.id != "elsewhere"}


def waiver(requirement: str | None = None, *, of_case: str | None = None, days: int = 30) -> Waiver:
    """A waiver that ends in so many days."""
    return Waiver(requirement, of_case, "known", "me", TODAY + dt.timedelta(days))


# ---- exit statuses ---------------------------------------------------------------------------------------------------


def test_promised_exit_statuses() -> None:
    """The exit statuses are those promised to outsiders, a superset of pytest's own."""
    assert {
        "CONFORMANT": 0,
        "NON_CONFORMANT": 1,
        "INTERRUPTED": 2,
        "INTERNAL_ERROR": 3,
        "USAGE_ERROR": 4,
        "NOTHING_TESTED": 5,
        "NO_VERDICT": 6,
        "INCOMPLETE": 7,
    } == {status.name: status.value for status in Exit}
    own = {pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR}
    assert {Exit.INTERRUPTED, Exit.INTERNAL_ERROR, Exit.USAGE_ERROR} == {Exit(status) for status in own}
    assert Exit.NOTHING_TESTED == Exit(pytest.ExitCode.NO_TESTS_COLLECTED)


def test_conformant() -> None:
    """All passed: conformant; what nobody can test through this call is untestable, with the ledger's reason."""
    judgement = judged(*PASSED)

    assert (Exit.CONFORMANT, "conformant") == (judgement.exit_status, judgement.verdict)
    assert {"passed"} == set(outcomes(judgement).values())
    assert ("untestable", "Another call's.") == (judgement.requirements[-1].outcome, judgement.requirements[-1].reason)


def test_violated() -> None:
    """One violated MUST: non-conformant, whatever the other cases say of it."""
    judgement = judged(PASSED[0], result(CASES[1], fails("first")))

    assert (Exit.NON_CONFORMANT, "non-conformant") == (judgement.exit_status, judgement.verdict)
    assert ("failed", "first doesn't hold") == (judgement.requirements[0].outcome, judgement.requirements[0].reason)


def test_violated_should() -> None:
    """A SHOULD that doesn't hold is told, and keeps nobody from being conformant."""
    judgement = judged(result(CASES[0], fails("advice")), PASSED[1])

    assert ("failed", Exit.CONFORMANT) == (outcomes(judgement)["advice"], judgement.exit_status)


@pytest.mark.parametrize("allow_untested", [False, True])
def test_violation_comes_first(allow_untested: bool) -> None:  # noqa: FBT001 (a setting)
    """A violation decides, whatever wasn't tested, expired or was allowed besides."""
    judgement = judged(
        result(CASES[0], fails("first")), allow_untested=allow_untested, waivers=(waiver("first", days=-1),)
    )

    assert Exit.NON_CONFORMANT == judgement.exit_status


def test_nothing_tested() -> None:
    """No results, or none that tested anything, is no success: not even where that is allowed."""
    skipped = [replace(one, outcome="not tested", untested=dict.fromkeys(one.requirements, "why")) for one in PASSED]
    for results in ((), skipped):
        judgement = judged(*results, allow_untested=True)
        assert (Exit.NOTHING_TESTED, "incomplete") == (judgement.exit_status, judgement.verdict)


def test_something_tested() -> None:
    """A run in which requirements passed, though no case could say all that it is about, is incomplete."""
    results = [
        replace(one, outcome="not tested", untested=dict.fromkeys(one.requirements[:-1], "why")) for one in PASSED
    ]

    assert Exit.INCOMPLETE == judged(*results).exit_status


def test_no_verdict() -> None:
    """Where no verdict can be had nothing counts as passed; what was found violated stays so."""
    judgement = judged(result(CASES[0]), result(CASES[1], fails("second")), no_verdict="unreachable")

    assert (Exit.NO_VERDICT, "no verdict", "No verdict: unreachable") == (
        judgement.exit_status,
        judgement.verdict,
        judgement.summary,
    )
    assert {"first": "not tested", "second": "failed", "masked": "not tested", "advice": "not tested"} == outcomes(
        judgement
    )


# ---- untested --------------------------------------------------------------------------------------------------------


def test_untested() -> None:
    """A MUST that its case could say nothing about isn't passed by what another case saw in general: incomplete."""
    judgement = judged(result(CASES[0], untested={"first": "no device"}), PASSED[1])

    assert (Exit.INCOMPLETE, "incomplete") == (judgement.exit_status, judgement.verdict)
    assert ("not tested", "no device") == (judgement.requirements[0].outcome, judgement.requirements[0].reason)
    assert "Incomplete: no violation found, but 1 MUST not tested." == judgement.summary


def test_case_not_run() -> None:
    """A case that wasn't run leaves what it proves untested."""
    judgement = judged(PASSED[0])

    assert {"first": "passed", "second": "not tested", "masked": "not tested", "advice": "passed"} == outcomes(
        judgement
    )
    assert "the case two wasn't run" == judgement.requirements[1].reason


def test_allow_untested() -> None:
    """Untested MUSTs can be allowed; the summary says how many."""
    judgement = judged(PASSED[0], allow_untested=True)

    assert (Exit.CONFORMANT, "conformant") == (judgement.exit_status, judgement.verdict)
    assert judgement.summary.endswith("with 2 MUSTs not tested (allowed).")


def test_untested_should() -> None:
    """A SHOULD that wasn't tested leaves nothing incomplete."""
    results = [result(one, untested={"advice": "why"}) for one in CASES]

    assert Exit.CONFORMANT == judged(*results).exit_status


def test_general_requirement() -> None:
    """What no case is about is tested by any answer that it was judged by, and untested when there was none."""
    assert "passed" == outcomes(judged(result(CASES[0], untested={"advice": "why"}), PASSED[1]))["advice"]
    untested = judged(*(result(one, untested={"advice": f"why {one.id}"}) for one in CASES)).requirements[3]
    assert ("not tested", "why one") == (untested.outcome, untested.reason)


def test_declared_untestable() -> None:
    """A requirement declared untestable counts as such, with the reason."""
    judgement = judged(PASSED[0], declared={"second": "plain HTTP", "masked": "no hook"})

    assert ("untestable", "plain HTTP") == (judgement.requirements[1].outcome, judgement.requirements[1].reason)
    assert Exit.CONFORMANT == judgement.exit_status


def test_declared_untestable_and_violated() -> None:
    """A declaration hides no violation."""
    judgement = judged(PASSED[0], result(CASES[1], fails("second")), declared={"second": "no clock"})

    assert ("failed", Exit.NON_CONFORMANT) == (outcomes(judgement)["second"], judgement.exit_status)


def test_slow_case() -> None:
    """A slow case that wasn't run leaves nothing untested that other cases prove."""
    cases = (*CASES, case("three", "first", slow=True))

    assert Exit.CONFORMANT == judged(*PASSED, cases=cases).exit_status
    assert Exit.NON_CONFORMANT == judged(*PASSED, result(cases[2], fails("first")), cases=cases).exit_status


def test_only_a_slow_case() -> None:
    """A requirement that only a slow case proves isn't tested when that wasn't run."""
    cases = (CASES[0], case("two", "second", "masked", slow=True))

    assert "not tested" == outcomes(judged(PASSED[0], cases=cases))["second"]


def test_instead_of() -> None:
    """A case that stands in for another proves the same where that one couldn't be run; it isn't missed itself."""
    cases = (*CASES, case("stand-in", "second", instead_of="two"))
    unable = result(CASES[1], untested={"second": "no hook"})

    assert "passed" == outcomes(judged(*PASSED, cases=cases))["second"]
    assert "not tested" == outcomes(judged(PASSED[0], unable, cases=cases))["second"]
    assert "passed" == outcomes(judged(PASSED[0], unable, result(cases[2]), cases=cases))["second"]
    assert "failed" == outcomes(judged(*PASSED, result(cases[2], fails("second")), cases=cases))["second"]


# ---- tolerated, strict, masks ----------------------------------------------------------------------------------------


def test_tolerated() -> None:
    """What is tolerated isn't violated, and shows; a failure shows before it."""
    judgement = judged(result(CASES[0], tolerable("first")), PASSED[1])

    assert ("tolerated", Exit.CONFORMANT) == (outcomes(judgement)["first"], judgement.exit_status)
    both = judged(result(CASES[0], tolerable("first")), result(CASES[1], fails("first")))
    assert "failed" == outcomes(both)["first"]


def test_strict() -> None:
    """A strict run counts what is tolerated as failed, in the case and in the requirement."""
    judgement = judged(result(CASES[0], tolerable("first")), PASSED[1], strict=True)

    assert ("failed", Exit.NON_CONFORMANT) == (outcomes(judgement)["first"], judgement.exit_status)
    assert ("failed", "failed") == (judgement.cases[0].outcome, judgement.cases[0].findings[0].outcome)


def test_masked() -> None:
    """What can't be told apart from another violation isn't a second one; alone it is one."""
    both = judged(PASSED[0], result(CASES[1], fails("first"), fails("masked")))
    alone = judged(PASSED[0], result(CASES[1], fails("masked")))

    assert ("failed", "masked") == (outcomes(both)["first"], outcomes(both)["masked"])
    assert "can't be told apart from the violation of first: masked doesn't hold" == both.requirements[2].reason
    assert ("passed", "failed") == (outcomes(alone)["first"], outcomes(alone)["masked"])


def test_summed_up() -> None:
    """What breaks a requirement and all that it sums up is one violation; what breaks some of these is those."""
    ledger = {one.id: one for one in (*LEDGER, replace(requirement("sum"), subsumes=("first", "second")))}
    contract = replace(CONTRACT, requirements=MappingProxyType(ledger))
    found = [result(CASES[0], fails("first")), result(case("sum", "sum"), fails("sum"))]
    cases, policy = (*CASES, case("sum", "sum")), Policy(today=TODAY)

    some = judge(contract, cases, [*found, PASSED[1]], policy, declared={}, no_verdict="")
    all_of_them = judge(
        contract, cases, [*found, result(CASES[1], fails("second"))], policy, declared={}, no_verdict=""
    )

    assert ("failed", "passed", "failed") == tuple(outcomes(some)[one] for one in ("first", "second", "sum"))
    expected = ("masked", "masked", "failed")
    assert expected == tuple(outcomes(all_of_them)[one] for one in ("first", "second", "sum"))


def test_masked_by_a_waived_one() -> None:
    """A waived violation masks too: it is known, and what comes with it isn't news, yet isn't passed either."""
    judgement = judged(PASSED[0], result(CASES[1], fails("first"), fails("masked")), waivers=(waiver("first"),))

    assert {"first": "waived", "second": "passed", "masked": "masked", "advice": "passed"} == outcomes(judgement)
    assert Exit.INCOMPLETE == judgement.exit_status


def test_unregistered_case() -> None:
    """What a case says that isn't registered, recorded traffic say, counts as well."""
    recorded = result(case("traffic-1", "first"), fails("first"))

    judgement = judged(*PASSED, recorded)

    assert "failed" == outcomes(judgement)["first"]
    assert "traffic-1" in judgement.requirements[0].cases


def test_unregistered_cases_only() -> None:
    """Where no case is registered at all, what was seen passes and the rest isn't tested."""
    judgement = judged(result(case("traffic-1", "first")), cases=())

    assert {"first": "passed", "second": "not tested", "masked": "not tested", "advice": "not tested"} == outcomes(
        judgement
    )


# ---- waivers ---------------------------------------------------------------------------------------------------------

FAILED = (PASSED[0], result(CASES[1], fails("second")))


def state(judgement: Judged) -> list[str]:
    """What became of the waivers."""
    return [use.state for use in judgement.waivers]


@pytest.mark.parametrize("of", [waiver("second"), waiver(of_case="two")])
def test_active(of: Waiver) -> None:
    """A waiver that covers the violation, by requirement or by case, makes it waived, and the run conformant."""
    judgement = judged(*FAILED, waivers=(of,))

    assert (["active"], Exit.CONFORMANT) == (state(judgement), judgement.exit_status)
    assert ("waived", "waived") == (outcomes(judgement)["second"], judgement.cases[1].outcome)
    assert "waived until 2026-07-31 (me): known" == judgement.requirements[1].reason
    assert judgement.summary.endswith("with 1 MUST waived.")


def test_last_day() -> None:
    """A waiver holds on the day that it names, and no longer."""
    today, yesterday = (judged(*FAILED, waivers=(waiver("second", days=days),)) for days in (0, -1))

    assert (["active"], Exit.CONFORMANT) == (state(today), today.exit_status)
    assert (["expired"], Exit.NON_CONFORMANT) == (state(yesterday), yesterday.exit_status)


@pytest.mark.parametrize("of", [waiver("first"), waiver(of_case="one")])
def test_stale(of: Waiver) -> None:
    """A waiver of what was tested and holds is stale: the run is incomplete until it is removed."""
    judgement = judged(*PASSED, waivers=(of,))

    assert (["stale"], Exit.INCOMPLETE) == (state(judgement), judgement.exit_status)
    assert "the waiver of" in judgement.summary


def test_stale_beside_a_violation() -> None:
    """A violation decides the exit status; a stale waiver, or one of nothing that there is, is told beside it."""
    judgement = judged(PASSED[0], result(CASES[1], fails("second")), waivers=(waiver("first"), waiver("frist")))

    assert Exit.NON_CONFORMANT == judgement.exit_status
    assert judgement.summary.startswith("Non-conformant: 1 MUST violated. The waiver of first is stale. ")
    assert "The waiver of frist is " in judgement.summary


@pytest.mark.parametrize("control", [frame.CONTROL_FIRST, frame.CONTROL_LAST])
def test_no_verdict_by_a_control_call(control: Case) -> None:
    """What only a control call shows is why there is no verdict; it isn't a violation as well."""
    judgement = judged(result(replace(CASES[1], id=control.id), fails("second")), no_verdict="refused")

    assert "not tested" == outcomes(judgement)["second"]


@pytest.mark.parametrize("of", [waiver("second"), waiver(of_case="two")])
def test_not_stale_where_nothing_ran(of: Waiver) -> None:
    """A waiver of what wasn't tested this time isn't called stale."""
    judgement = judged(PASSED[0], waivers=(of,), allow_untested=True)

    assert (["active"], Exit.CONFORMANT) == (state(judgement), judgement.exit_status)


def test_expired_though_nothing_fails() -> None:
    """A waiver past its date asks to be removed, whether it is needed or not; allowing the untested changes nothing."""
    judgement = judged(*PASSED, waivers=(waiver("first", days=-1),), allow_untested=True)

    assert (["expired"], Exit.INCOMPLETE) == (state(judgement), judgement.exit_status)


@pytest.mark.parametrize("of", [waiver("frist"), waiver(of_case="onne")])
def test_unmatched(of: Waiver) -> None:
    """A waiver of something that doesn't exist is told."""
    judgement = judged(*PASSED, waivers=(of,))

    assert (["unmatched"], Exit.INCOMPLETE) == (state(judgement), judgement.exit_status)


def test_waiver_of_one_case_only() -> None:
    """A waiver of a case doesn't cover the same violation in another case."""
    results = (result(CASES[0], fails("first")), result(CASES[1], fails("first")))

    judgement = judged(*results, waivers=(waiver(of_case="one"),))

    assert (["active"], "failed", Exit.NON_CONFORMANT) == (
        state(judgement),
        outcomes(judgement)["first"],
        judgement.exit_status,
    )
    assert ["waived", "failed"] == [one.outcome for one in judgement.cases]


def test_waiver_of_another_requirement() -> None:
    """A waiver of one requirement leaves the others of the same case violated."""
    judgement = judged(PASSED[0], result(CASES[1], fails("second"), fails("advice")), waivers=(waiver("second"),))

    assert ("waived", "failed", "failed") == (
        outcomes(judgement)["second"],
        outcomes(judgement)["advice"],
        judgement.cases[1].outcome,
    )


def test_tolerated_needs_no_waiver() -> None:
    """A waiver of what is merely tolerated is stale by default, and active in a strict run."""
    results = (result(CASES[0], tolerable("first")), PASSED[1])

    assert ["stale"] == state(judged(*results, waivers=(waiver("first"),)))
    assert ["active"] == state(judged(*results, waivers=(waiver("first"),), strict=True))


def test_waived_and_no_verdict() -> None:
    """No waiver makes a verdict where none can be had."""
    assert Exit.NO_VERDICT == judged(*FAILED, waivers=(waiver("second"),), no_verdict="gone").exit_status
