"""Refusals in the shape that Stripe gives them."""

from typing import Any


class ApiError(Exception):
    """An error answer of the API.

    Arguments:
        message: what is wrong, in English as Stripe writes it.
        status: the HTTP status.
        kind: Stripe's error type.
        code, param: Stripe's short code and the parameter it is about, if any.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str = "",
        param: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param

    def body(self) -> dict[str, Any]:
        """The JSON document that goes with the status."""
        error = {"message": self.message, "type": self.kind}
        if self.code:
            error["code"] = self.code
        if self.param:
            error["param"] = self.param
        return {"error": error}


def missing(param: str) -> ApiError:
    """A required parameter was not sent."""
    return ApiError(f"Missing required param: {param}.", code="parameter_missing", param=param)


def not_found(kind: str, identifier: str) -> ApiError:
    """No such object."""
    return ApiError(f"No such {kind}: '{identifier}'", status=404, code="resource_missing", param="id")
