"""/v1/coupons/{code}…: judge, revoke and redeem coupons."""

from http import HTTPStatus

from loyalty import errors
from loyalty.api.coupons import CouponRedemption, CouponRedemptionRequest, JudgedCoupon
from loyalty.http.calls import CallOf
from loyalty.http.commands import movement_key
from loyalty.http.gateway import fingerprint
from loyalty.http.parameters import CouponCode, JudgedCustomerId, OptionalIdempotencyKey
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, answer_nothing, document_answers
from loyalty.usecases.earning import coupon_redemptions, coupons
from loyalty.usecases.earning.engine import Sender

app = APIGatewayHttpResolver()


@app.get(
    "/v1/coupons/<code>",
    summary="Read a coupon, and whether it is valid",
    description=(
        "`valid` is judged by the code, its campaign and, with `customerId`, the limits per customer. Conditions are "
        "not judged: a redemption with `dryRun` judges everything."
    ),
    responses=document_answers(HTTPStatus.OK, JudgedCoupon, errors.CouponNotFound),
    tags=["Coupons"],
)
def read_coupon(
    call: CallOf,
    code: CouponCode,
    customer_id: JudgedCustomerId = None,
) -> Response:
    return answer(JudgedCoupon.judged(*coupons.judge(call.store, code, customer_id, call.now)))


@app.delete(
    "/v1/coupons/<code>",
    summary="Revoke a coupon",
    description="The code gives no points any more. Points that it gave stay.",
    status_code=HTTPStatus.NO_CONTENT,
    responses=document_answers(HTTPStatus.NO_CONTENT, None, errors.CouponNotFound),
    tags=["Coupons"],
)
def revoke_coupon(
    call: CallOf,
    code: CouponCode,
) -> Response:
    coupons.revoke(call.store, code)
    return answer_nothing()


@app.post(
    "/v1/coupons/<code>/redemptions",
    summary="Redeem a coupon",
    description=(
        "The campaign of the code gives its points. Codes are compared without case. With an `orderId`, a code works "
        "once for the order, and a refund of the order takes the points back. A refusal writes nothing: the same "
        "request with the same key may succeed later."
    ),
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED,
        CouponRedemption,
        errors.KeyReused,
        errors.CurrencyDiffers,
        errors.CouponNotFound,
        errors.CouponAlreadyUsed,
        errors.CouponNotValid,
        errors.ClockSkew,
        dry_run=CouponRedemption,
    ),
    tags=["Coupons"],
)
def redeem_coupon(
    call: CallOf,
    code: CouponCode,
    body: CouponRedemptionRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    key = movement_key(key, dry_run=body.dry_run)
    redemption = coupon_redemptions.Redemption(
        code=code,
        customer_id=body.customer_id,
        key=key,
        order_id=body.order_id,
        order=body.order.order if body.order else None,
        categories=body.order.categories if body.order else {},
    )
    if body.dry_run:
        return answer(CouponRedemption.of(body, coupon_redemptions.examine(call.store, redemption, call.now)))
    sent = fingerprint("redeem coupon", code, key, body=call.sent)
    sender = Sender(call.actor, call.caller.request_id, sent)
    redeemed = coupon_redemptions.redeem(call.store, redemption, sender, call.now)
    return answer(CouponRedemption.of(body, redeemed), status=HTTPStatus.CREATED, repeated=redeemed.outcome.repeated)


lambda_handler = entry_point(app)
