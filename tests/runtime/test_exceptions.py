"""The one exception tree."""

import pickle

import pytest

from jupyter_ext.runtime.inside.jupyter_aml_run import exceptions


def all_classes() -> list[type[exceptions.AzureMLException]]:
    return [
        value
        for name, value in vars(exceptions).items()
        if isinstance(value, type) and issubclass(value, exceptions.AzureMLException) and not name.startswith("_")
    ]


def test_text_as_in_v1() -> None:
    assert str(exceptions.UserErrorException("hello")) == (
        "UserErrorException:\n\tMessage: hello\n\tInnerException None\n\tErrorResponse \n"
        '{\n    "error": {\n        "code": "UserError",\n        "message": "hello"\n    }\n}'
    )
    assert exceptions.UserErrorException("hello").message == "hello"


def test_order_of_classes_as_in_v1() -> None:
    names = [cls.__name__ for cls in exceptions.UserErrorException.__mro__]
    assert names == ["UserErrorException", "AzureMLException", "Exception", "BaseException", "object"]


def test_everything_drawn_is_there_and_the_other_way_round() -> None:
    drawn = set(exceptions.__doc__.replace("├── ", " ").replace("└── ", " ").replace("│", " ").split())
    assert {cls.__name__ for cls in all_classes()} <= drawn


@pytest.mark.parametrize("cls", all_classes())
def test_pickles(cls: type[exceptions.AzureMLException]) -> None:
    exception = cls() if cls is exceptions.RunEnvironmentException else cls("what happened")
    exception.inner_exception = ValueError("why")
    again = pickle.loads(pickle.dumps(exception))
    assert type(again) is cls
    assert again.message == exception.message
    assert str(again.inner_exception) == "why"


def test_what_a_build_failure_carries() -> None:
    exception = exceptions.EnvironmentBuildException("it failed", step="RUN false", line=3, log="/x/build.log")
    again = pickle.loads(pickle.dumps(exception))
    assert (again.step, again.line, again.log) == ("RUN false", 3, "/x/build.log")


def test_message_format() -> None:
    exception = exceptions.AzureMLException(message_format="no {what}", message_parameters={"what": "disk"}, target="x")
    assert exception.message == "no disk"
    assert '"target": "x"' in str(exception)


def test_activity_failed_shows_the_error() -> None:
    exception = exceptions.ActivityFailedException({"error": {"code": "UserError"}})
    assert exception.message.startswith("Activity Failed:\n{")


def test_print_stacktrace(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        int("deep")
    except ValueError as error:
        exceptions.AzureMLException("shallow", inner_exception=error).print_stacktrace()
    assert "'deep'" in capsys.readouterr().err
