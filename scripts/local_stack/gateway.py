"""Gives the deployed HttpApi the routes, authorizers and CORS of its template; prints the stack's outputs as JSON.

Runs in the emulator's environment, which has boto3: `python -m scripts.local_stack.gateway STACK_NAME`.
"""

import json
import sys
from typing import Any

import boto3

from scripts.local_stack.names import folder_of
from scripts.local_stack.openapi_body import HttpApi, Resolver, read

# boto3's answers are untyped here: its type stubs are not in this environment.
Client = Any


def main() -> None:
    (stack_name,) = sys.argv[1:]
    formation = boto3.client("cloudformation")
    (stack,) = formation.describe_stacks(StackName=stack_name)["Stacks"]
    template = formation.get_template(StackName=stack_name, TemplateStage="Processed")["TemplateBody"]
    if isinstance(template, str):
        template = json.loads(template)
    resources = physical_ids(formation, stack_name)
    resolver = resolver_of(stack, template, resources)
    gateway = boto3.client("apigatewayv2")
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::ApiGatewayV2::Api" and "Body" in resource["Properties"]:
            apply(gateway, resources[name], read(resolver.resolve(resource["Properties"]["Body"])))
    json.dump({output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}, sys.stdout)


def physical_ids(formation: Client, stack_name: str) -> dict[str, str]:
    pages = formation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    listed = [resource for page in pages for resource in page["StackResourceSummaries"]]
    return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in listed}


def folders_of_routes(gateway: Client, api_id: str) -> dict[str, str]:
    """Returns the folder of each route's function."""
    folders = {
        f"integrations/{item['IntegrationId']}": folder_of(item["IntegrationUri"])
        for item in _items(gateway.get_integrations(ApiId=api_id))
    }
    return {item["RouteKey"]: folders[item["Target"]] for item in _items(gateway.get_routes(ApiId=api_id))}


def resolver_of(stack: Any, template: Any, resources: dict[str, str]) -> Resolver:
    # arn:aws:cloudformation:<region>:<account>:stack/…
    _, partition, _, region, account, _ = stack["StackId"].split(":", 5)
    parameters = {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in stack.get("Parameters", [])}
    pseudo = {
        "AWS::Partition": partition,
        "AWS::Region": region,
        "AWS::AccountId": account,
        "AWS::StackName": stack["StackName"],
        "AWS::URLSuffix": "amazonaws.com",
    }

    def function_arn(name: str) -> str:
        return name if name.startswith("arn:") else f"arn:{partition}:lambda:{region}:{account}:function:{name}"

    values = {**parameters, **resources, **pseudo}
    return Resolver(values, function_arn, template.get("Conditions", {}))


def apply(gateway: Client, api_id: str, wanted: HttpApi) -> None:
    """Changes the API to what is wanted, but only where it differs: requests under way keep their routes."""
    authorizers = _apply_authorizers(gateway, api_id, wanted)
    integrations = _apply_integrations(gateway, api_id, wanted)
    present = {item["RouteKey"]: item for item in _items(gateway.get_routes(ApiId=api_id))}
    for route in wanted.routes:
        arguments = {
            "Target": f"integrations/{integrations[route.integration_uri, route.payload_format]}",
            "AuthorizationType": "CUSTOM" if route.authorizer else "NONE",
            "AuthorizerId": authorizers[route.authorizer] if route.authorizer else "",
        }
        found = present.pop(route.key, None)
        if found is None:
            gateway.create_route(ApiId=api_id, RouteKey=route.key, **arguments)
        elif any(found.get(key, "") != value for key, value in arguments.items()):
            gateway.update_route(ApiId=api_id, RouteId=found["RouteId"], **arguments)
    for unwanted in present.values():
        gateway.delete_route(ApiId=api_id, RouteId=unwanted["RouteId"])
    for item in _items(gateway.get_integrations(ApiId=api_id)):
        if item["IntegrationId"] not in integrations.values():
            gateway.delete_integration(ApiId=api_id, IntegrationId=item["IntegrationId"])
    for item in _items(gateway.get_authorizers(ApiId=api_id)):
        if item["AuthorizerId"] not in authorizers.values():
            gateway.delete_authorizer(ApiId=api_id, AuthorizerId=item["AuthorizerId"])
    if wanted.cors:
        gateway.update_api(ApiId=api_id, CorsConfiguration=_capitalized(wanted.cors))
    else:
        gateway.delete_cors_configuration(ApiId=api_id)


def _apply_authorizers(gateway: Client, api_id: str, wanted: HttpApi) -> dict[str, str]:
    present = {item["Name"]: item for item in _items(gateway.get_authorizers(ApiId=api_id))}
    ids = {}
    for name, arguments in wanted.authorizers.items():
        found = present.get(name)
        if found is None:
            ids[name] = gateway.create_authorizer(ApiId=api_id, Name=name, **arguments)["AuthorizerId"]
        else:
            ids[name] = found["AuthorizerId"]
            gateway.update_authorizer(ApiId=api_id, AuthorizerId=ids[name], **arguments)
    return ids


def _apply_integrations(gateway: Client, api_id: str, wanted: HttpApi) -> dict[tuple[str, str], str]:
    ids = {
        (item["IntegrationUri"], item["PayloadFormatVersion"]): item["IntegrationId"]
        for item in _items(gateway.get_integrations(ApiId=api_id))
    }
    needed = {(route.integration_uri, route.payload_format) for route in wanted.routes}
    for uri, payload_format in needed - ids.keys():
        made = gateway.create_integration(
            ApiId=api_id,
            IntegrationType="AWS_PROXY",
            IntegrationMethod="POST",
            IntegrationUri=uri,
            PayloadFormatVersion=payload_format,
        )
        ids[uri, payload_format] = made["IntegrationId"]
    return {key: ids[key] for key in needed}


def _capitalized(cors: Any) -> dict[str, Any]:
    return {key[:1].upper() + key[1:]: value for key, value in cors.items()}


def _items(answer: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = answer["Items"]
    return items


if __name__ == "__main__":
    main()
