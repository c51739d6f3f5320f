"""What Istio's own validation says of objects: `support/oracles/istio` asks it about every line here."""

from __future__ import annotations

import pytest

import devopslint

ROUTE = "route: [{destination: {host: shop}}]"
TLS = "port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.org]"
ENTRY = "hosts: [api.example.org], ports: [{number: 443, name: tls, protocol: TLS}]"

REFUSED = [
    ("VirtualService", "{hosts: [shop]}", "has no route of http, tls or tcp"),
    ("VirtualService", f"{{hosts: ['*'], http: [{{{ROUTE}}}]}}", "is for every host of the mesh: '*' goes with gateways alone"),
    ("VirtualService", f"{{hosts: [shop], http: [{{{ROUTE}, redirect: {{uri: /}}}}]}}", "has a rule with both route and redirect"),
    ("VirtualService", f"{{hosts: [shop], http: [{{{ROUTE}, delegate: {{name: x}}}}]}}", "has a rule with both a delegate and route"),
    ("VirtualService", "{hosts: [shop], http: [{match: [{uri: {prefix: /}}]}]}", "has a rule without route, redirect or directResponse"),
    ("VirtualService", f"{{hosts: [shop], http: [{{{ROUTE}, timeout: 1d}}]}}", "has '1d' for a duration, which is written like 5s or 1m30s"),
    ("VirtualService", f"{{hosts: [shop], http: [{{{ROUTE}, retries: {{attempts: -1}}}}]}}", "has -1 for attempts, less than 0"),
    ("VirtualService", f"{{hosts: [shop], http: [{{{ROUTE}, retries: {{retryOn: 'always'}}}}]}}", "retries on 'always', which Envoy does not know"),
    ("VirtualService", f"{{hosts: [shop], http: [{{{ROUTE}, retries: {{retryOn: 'reset, 503'}}}}]}}", "retries on ' 503', which Envoy does not know"),
    ("VirtualService", f"{{hosts: [shop], http: [{{{ROUTE}, fault: {{abort: {{httpStatus: 1000}}}}}}]}}", "has 1000 for httpStatus, more than 599"),
    ("VirtualService", f"{{hosts: [shop], http: [{{{ROUTE}, fault: {{delay: {{fixedDelay: 5s, percentage: {{value: 200}}}}}}}}]}}", "has 200 for a percentage, more than 100"),
    ("VirtualService", "{hosts: [shop], http: [{route: [{destination: {}}]}]}", "sends to a destination without a host"),
    ("VirtualService", "{hosts: [shop], tcp: [{route: [{destination: {host: a}, weight: -1}, {destination: {host: b}, weight: 101}]}]}", "has -1 for a weight, less than 0"),
    ("VirtualService", "{hosts: [shop], http: [{route: [{destination: {host: a, port: {number: 99999}}}]}]}", "has the port 99999: ports go from 1 to 65535"),
    ("VirtualService", f"{{hosts: [a.*.example.org], http: [{{{ROUTE}}}]}}", "has 'a.*.example.org' for a host, where a * may only stand at the beginning"),
    ("VirtualService", f"{{hosts: [shop], http: [{{match: [{{uri: {{prefix: /a, exact: /b}}}}], {ROUTE}}}]}}", "matches one text by both exact and prefix"),
    ("VirtualService", f"{{hosts: [shop], http: [{{match: [{{headers: {{a: {{exact: b, regex: c}}}}}}], {ROUTE}}}]}}", "matches one text by both exact and regex"),
    ("Gateway", "{servers: [{port: {number: 70000, name: http, protocol: HTTP}, hosts: ['*']}]}", "has the port 70000: ports go from 1 to 65535"),
    ("Gateway", "{servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['shop/a.*']}]}", "has 'shop/a.*' for a host, where a * may only stand at the beginning"),
    ("Gateway", "{servers: []}", "has no server"),
    ("Gateway", "{servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: []}]}", "has a server without hosts"),
    ("Gateway", "{servers: [{port: {number: 80, name: http, protocol: HTPP}, hosts: ['*']}]}", "has a port of protocol 'HTPP', which Istio does not know"),
    ("Gateway", "{servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['https://shop.example.org']}]}", "has 'https://shop.example.org' for a host, which is written without a scheme"),
    ("Gateway", "{servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*'], tls: {mode: SIMPLE, credentialName: a}}]}", "ends TLS at a port of HTTP"),
    ("Gateway", f"{{servers: [{{{TLS}}}]}}", "has a server of HTTPS without tls"),
    ("Gateway", f"{{servers: [{{{TLS}, tls: {{mode: SIMPLE}}}}]}}", "ends TLS and names neither a credentialName nor a serverCertificate"),
    ("Gateway", f"{{servers: [{{{TLS}, tls: {{mode: MUTUAL, serverCertificate: /a, privateKey: /b}}}}]}}", "wants certificates of clients and names no caCertificates"),
    ("Gateway", f"{{servers: [{{{TLS}, tls: {{mode: PASSTHROUGH}}}}, {{{TLS}, tls: {{mode: PASSTHROUGH}}}}]}}", "has two servers whose port is called 'https'"),
    ("DestinationRule", "{host: a.*.example.org}", "has 'a.*.example.org' for a host, where a * may only stand at the beginning"),
    ("DestinationRule", "{host: a, trafficPolicy: {portLevelSettings: [{port: {number: 65536}}]}}", "has the port 65536: ports go from 1 to 65535"),
    ("ServiceEntry", "{hosts: [a.example.org], ports: [{number: 70000, name: a, protocol: HTTP}]}", "has the port 70000: ports go from 1 to 65535"),
    ("ServiceEntry", f"{{{ENTRY}, resolution: STATIC, endpoints: [{{address: 1.2.3.4, ports: {{tls: 70000}}}}]}}", "has the port 70000: ports go from 1 to 65535"),
    ("DestinationRule", "{subsets: []}", "has no host"),
    ("DestinationRule", "{host: shop, subsets: [{name: v1}, {name: v1}]}", "has two subsets called 'v1'"),
    ("DestinationRule", "{host: shop, subsets: [{labels: {version: v1}}]}", "has a subset without a name"),
    ("DestinationRule", "{host: shop, trafficPolicy: {connectionPool: {}}}", "has a connectionPool with neither http nor tcp"),
    ("DestinationRule", "{host: shop, trafficPolicy: {outlierDetection: {maxEjectionPercent: 200}}}", "has 200 for maxEjectionPercent, more than 100"),
    ("DestinationRule", "{host: shop, trafficPolicy: {loadBalancer: {simple: ROUND}}}", "has 'ROUND' for a simple loadBalancer: none of ROUND_ROBIN, LEAST_REQUEST, LEAST_CONN, RANDOM, PASSTHROUGH, UNSPECIFIED"),
    ("DestinationRule", "{host: shop, trafficPolicy: {tls: {mode: NONE}}}", "has 'NONE' for the mode of tls: none of DISABLE, SIMPLE, MUTUAL, ISTIO_MUTUAL"),
    ("DestinationRule", "{host: shop, trafficPolicy: {tls: {mode: MUTUAL}}}", "speaks mutual TLS and names no clientCertificate"),
    ("ServiceEntry", "{hosts: []}", "has no host"),
    ("ServiceEntry", "{hosts: ['*'], resolution: NONE}", "is for every host there is: '*' stands for none of them"),
    ("ServiceEntry", "{hosts: ['*.example.org'], resolution: DNS}", "looks up '*.example.org' by DNS, which knows no wildcards, and has no endpoints"),
    ("ServiceEntry", f"{{{ENTRY}, resolution: DYNAMIC}}", "has 'DYNAMIC' for resolution: none of NONE, STATIC, DNS, DNS_ROUND_ROBIN, DYNAMIC_DNS"),
    ("ServiceEntry", f"{{{ENTRY}, resolution: NONE, endpoints: [{{address: 1.2.3.4}}]}}", "has endpoints, which nobody asks for where resolution is NONE"),
    ("ServiceEntry", f"{{{ENTRY}, resolution: STATIC, endpoints: [{{address: api.example.com}}]}}", "has 'api.example.com' for an endpoint, where STATIC wants addresses"),
    ("ServiceEntry", f"{{{ENTRY}, resolution: STATIC, endpoints: [{{address: 1.2.3.4, ports: {{http: 80}}}}]}}", "has an endpoint with a port 'http', which it does not list"),
    ("ServiceEntry", f"{{{ENTRY}, resolution: STATIC, addresses: [10.0.0.0/99]}}", "has '10.0.0.0/99' for an address, which is none"),
    ("ServiceEntry", "{hosts: [a.example.org], ports: [{number: 80, name: a, protocol: HTTP}, {number: 80, name: b, protocol: HTTP}]}", "has two ports '80'"),
    ("PeerAuthentication", "{portLevelMtls: {8080: {mode: STRICT}}}", "says how single ports speak, and not of which pods"),
    ("PeerAuthentication", "{mtls: {mode: REQUIRED}}", "has 'REQUIRED' for the mode of mtls: none of UNSET, DISABLE, PERMISSIVE, STRICT"),
    ("AuthorizationPolicy", "{action: DENY}", "has the action DENY and no rules: it never applies"),
    ("AuthorizationPolicy", "{action: BLOCK, rules: [{}]}", "has 'BLOCK' for action: none of ALLOW, DENY, AUDIT, CUSTOM"),
    ("AuthorizationPolicy", "{action: CUSTOM, rules: [{}]}", "asks nobody: CUSTOM wants a provider"),
    ("AuthorizationPolicy", "{provider: {name: x}, rules: [{}]}", "names a provider, whom ALLOW does not ask"),
    ("AuthorizationPolicy", "{rules: [{from: [{source: {}}]}]}", "has a rule with an empty source"),
    ("AuthorizationPolicy", "{rules: [{from: [{source: {ipBlocks: [10.0.0.0/40]}}]}]}", "has '10.0.0.0/40' for an address, which is none"),
    ("AuthorizationPolicy", "{rules: [{to: [{operation: {ports: [http]}}]}]}", "has 'http' for a port, which is a number"),
    ("AuthorizationPolicy", "{rules: [{when: [{key: request.foo, values: [x]}]}]}", "asks for 'request.foo', which no request has"),
    ("AuthorizationPolicy", "{rules: [{when: [{key: 'request.headers[x]'}]}]}", "has a condition on 'request.headers[x]' without values"),
    ("RequestAuthentication", "{jwtRules: [{issuer: x, jwksUri: id.example.org/jwks}]}", "fetches keys from 'id.example.org/jwks', which begins with neither https:// nor http://"),
    ("RequestAuthentication", "{jwtRules: [{issuer: x, fromHeaders: [{prefix: 'Bearer '}]}]}", "takes a token from a header without a name"),
    ("Sidecar", "{}", "sets nothing: neither egress, ingress nor outboundTrafficPolicy"),
    ("Sidecar", "{egress: [{hosts: []}]}", "has an egress without hosts"),
    ("Sidecar", "{egress: [{hosts: [shop]}]}", "has 'shop' for a host, which is written like ./* or namespace/host"),
    ("Telemetry", "{tracing: [{randomSamplingPercentage: 200}]}", "has 200 for randomSamplingPercentage, more than 100"),
]  # fmt: skip

TAKEN = [
    ("VirtualService", f"{{http: [{{{ROUTE}}}]}}"),
    ("VirtualService", "{hosts: [shop], http: [{redirect: {uri: /new}}]}"),
    ("VirtualService", "{hosts: [shop], http: [{directResponse: {status: 503}}]}"),
    ("VirtualService", "{hosts: [shop.example.org], gateways: [edge], http: [{delegate: {name: inner}}]}"),
    ("VirtualService", f"{{hosts: ['*'], gateways: [edge], http: [{{{ROUTE}, timeout: 1m30s}}]}}"),
    ("VirtualService", f"{{hosts: [shop], http: [{{{ROUTE}, retries: {{attempts: 3, retryOn: 'gateway-error,503'}}}}]}}"),
    ("VirtualService", "{hosts: [shop], http: [{route: [{destination: {host: shop}, weight: 50}]}]}"),
    ("Gateway", "{servers: [{port: {number: 80, name: http, protocol: http}, hosts: ['*'], tls: {httpsRedirect: true}}]}"),
    ("Gateway", f"{{servers: [{{{TLS}, tls: {{mode: SIMPLE, credentialName: shop}}}}]}}"),
    ("Gateway", "{servers: [{port: {number: 443, name: tls, protocol: TLS}, hosts: ['*'], tls: {mode: PASSTHROUGH}}]}"),
    ("Gateway", f"{{servers: [{{{TLS}, tls: {{mode: ISTIO_MUTUAL}}}}]}}"),
    ("DestinationRule", "{host: shop, trafficPolicy: {tls: {mode: DISABLE}}}"),
    ("DestinationRule", "{host: shop, subsets: [{name: all}]}"),
    ("DestinationRule", "{host: '*.example.org'}"),
    ("VirtualService", f"{{hosts: ['*.example.org'], http: [{{match: [{{uri: {{prefix: /a}}, headers: {{a: {{exact: b}}}}, port: 65535}}], {ROUTE}}}]}}"),
    ("VirtualService", f"{{hosts: ['${{NAME}}.*'], http: [{{{ROUTE}}}]}}"),
    ("ServiceEntry", "{hosts: ['*.example.org'], resolution: NONE, ports: [{number: 443, name: tls, protocol: TLS}]}"),
    ("ServiceEntry", f"{{{ENTRY}, resolution: STATIC}}"),
    ("PeerAuthentication", "{selector: {matchLabels: {app: shop}}, portLevelMtls: {8080: {mode: PERMISSIVE}}}"),
    ("AuthorizationPolicy", "{}"),
    ("AuthorizationPolicy", "{rules: [{}]}"),
    ("AuthorizationPolicy", "{action: DENY, rules: [{to: [{operation: {paths: [/admin]}}]}]}"),
    ("RequestAuthentication", "{jwtRules: [{issuer: x, jwksUri: 'https://id.example.org/jwks'}]}"),
    ("Sidecar", "{egress: [{hosts: ['./*', 'istio-system/*', '~/*']}]}"),
    ("VirtualService", f"{{hosts: [shop], http: [{{{ROUTE}, timeout: '${{TIMEOUT}}'}}]}}"),
]  # fmt: skip

GROUPS = {"PeerAuthentication": "security", "AuthorizationPolicy": "security", "RequestAuthentication": "security"}


def text_of(kind: str, spec: str) -> str:
    group = "telemetry" if kind == "Telemetry" else GROUPS.get(kind, "networking")
    return f"apiVersion: {group}.istio.io/v1\nkind: {kind}\nmetadata: {{name: shop, namespace: shop}}\nspec: {spec}\n"


def faults(kind: str, spec: str) -> list[str]:
    found = devopslint.check({"mesh.yaml": text_of(kind, spec)}, select=["net-refused-mesh-object"])
    return [one.message.removeprefix(f"{kind}/shop ") for one in found]


@pytest.mark.parametrize(("kind", "spec", "fault"), REFUSED)
def test_what_istio_refuses_is_told(kind: str, spec: str, fault: str) -> None:
    assert faults(kind, spec) == [fault]


@pytest.mark.parametrize(("kind", "spec"), TAKEN)
def test_what_istio_takes_is_not(kind: str, spec: str) -> None:
    assert faults(kind, spec) == []


def test_a_patch_lacks_nothing_that_its_base_has() -> None:
    files = {
        "base/kustomization.yaml": "resources: [mesh.yaml]\n",
        "base/mesh.yaml": """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop}
spec: {hosts: [shop], http: [{route: [{destination: {host: shop}}]}]}
""",
        "live/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\n",
        "live/patch.yaml": """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop}
spec: {gateways: [edge]}
""",
    }

    assert [one.message for one in devopslint.check(files, select=["net-refused-mesh-object"])] == []


def test_a_mirror_to_a_subset_that_is_not_there_is_told() -> None:
    files = {
        "mesh.yaml": """
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: shop}
spec: {host: shop, subsets: [{name: v1, labels: {version: v1}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop}
spec:
  hosts: [shop]
  http:
    - route: [{destination: {host: shop, subset: v1}}]
      mirror: {host: shop, subset: v2}
    - match: [{uri: {prefix: /new}}]
      route: [{destination: {host: shop, subset: v1}}]
      mirrors: [{destination: {host: shop, subset: v3}}]
"""
    }

    found = [one.message for one in devopslint.check(files, select=["net-missing-subset"])]

    assert found == [
        "VirtualService 'shop' sends to subset 'v2', which DestinationRule/shop does not have",
        "VirtualService 'shop' sends to subset 'v3', which DestinationRule/shop does not have",
    ]
