"""/v1/customers/{customerId}…: profiles, segments and referral codes of customers."""

from http import HTTPStatus

from loyalty import errors
from loyalty.api.customers import (
    ChangedCustomer,
    Customer,
    CustomerRequest,
    ReferralCode,
    ReferralCodeRequest,
    SegmentChangeRequest,
)
from loyalty.http.calls import CallOf
from loyalty.http.parameters import CustomerId, IfMatch, expected_version
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, answer_created, document_answers, document_success
from loyalty.usecases import customers

app = APIGatewayHttpResolver()


@app.put(
    "/v1/customers/<customerId>",
    summary="Create or change a customer's profile",
    description=(
        "Replaces the whole profile; contacts and the referrer stay if they are left out. The first profile makes the "
        "customer: the event `loyalty.customer.created`. Each segment that the customer enters is the event "
        "`loyalty.segment.entered`. Campaigns give points for these events, and the answer has them. `If-Match` is "
        "optional."
    ),
    responses={
        **document_answers(
            HTTPStatus.OK,
            ChangedCustomer,
            errors.PreconditionFailed,
            errors.ReferralCodeNotFound,
            errors.SelfReferral,
            errors.AlreadyReferred,
            errors.NotNewCustomer,
            errors.CircularReferral,
            errors.ClockSkew,
        ),
        HTTPStatus.CREATED: document_success(HTTPStatus.CREATED, ChangedCustomer, "The new customer"),
    },
    tags=["Customers"],
)
def save_customer(
    call: CallOf,
    customer_id: CustomerId,
    body: CustomerRequest,
    if_match: IfMatch = None,
) -> Response:
    change = body.change(None if if_match is None else expected_version(if_match))
    saved = customers.save(call.store, customer_id, change, call.now, call.actor, call.caller.request_id)
    changed = ChangedCustomer.after(saved)
    if saved.is_new:
        return answer_created(changed, f"/v1/customers/{customer_id}", etag=saved.customer.revision)
    return answer(changed, etag=saved.customer.revision)


@app.get(
    "/v1/customers/<customerId>",
    summary="Read a customer",
    description="The answer has no contacts and no signals. A customer who has orders and no profile can be read too.",
    responses=document_answers(HTTPStatus.OK, Customer, errors.CustomerNotFound),
    tags=["Customers"],
)
def read_customer(
    call: CallOf,
    customer_id: CustomerId,
) -> Response:
    found = customers.read(call.store, customer_id)
    return answer(Customer.of(found), etag=found.revision)


@app.post(
    "/v1/customers/<customerId>/segments",
    summary="Change a customer's segments",
    description=(
        "Adds and removes segments, and leaves the rest of the profile as it is. Each segment that the customer enters "
        "is the event `loyalty.segment.entered`."
    ),
    responses=document_answers(HTTPStatus.OK, ChangedCustomer, errors.CustomerNotFound, errors.ClockSkew),
    tags=["Customers"],
)
def change_segments(
    call: CallOf,
    customer_id: CustomerId,
    body: SegmentChangeRequest,
) -> Response:
    saved = customers.change_segments(
        call.store, customer_id, body.add, body.remove, call.now, call.actor, call.caller.request_id
    )
    return answer(ChangedCustomer.after(saved), etag=saved.customer.revision)


@app.post(
    "/v1/customers/<customerId>/referral-code",
    summary="Create a customer's referral code",
    description="A customer has one code. If the customer already has a code, the answer is 200 with this code.",
    status_code=HTTPStatus.CREATED,
    responses={
        **document_answers(HTTPStatus.CREATED, ReferralCode, errors.CustomerNotFound, errors.CodeTaken),
        HTTPStatus.OK: document_success(HTTPStatus.OK, ReferralCode, "The customer's existing code"),
    },
    tags=["Customers"],
)
def give_referral_code(
    call: CallOf,
    customer_id: CustomerId,
    body: ReferralCodeRequest,
) -> Response:
    customer, is_new = customers.give_referral_code(call.store, customer_id, body.code)
    given = ReferralCode(customer_id=customer_id, code=customer.referral_code or "")
    return answer(given, status=HTTPStatus.CREATED if is_new else HTTPStatus.OK)


lambda_handler = entry_point(app)
