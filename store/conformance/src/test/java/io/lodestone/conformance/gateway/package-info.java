/**
 * etcd's HTTP face: the JSON gateway below {@code /v3/} and {@code /v3beta/}, health and version
 * pages, metrics. Start at {@link io.lodestone.conformance.gateway.GatewayTest}; what is asked
 * stands in {@link io.lodestone.conformance.gateway.Requests}, one test is one request and builds
 * on those before it.
 *
 * <p>Status, content type and body must be equal once blanks between JSON tokens are gone and
 * {@link io.lodestone.conformance.gateway.Masks} has hidden what a server makes up. Messages of
 * Go's JSON parser are compared only as far as {@code proto:} or {@code invalid character}; of
 * {@code /metrics} names, types, labels and bounds are compared, and of what counts requests how it
 * grows; of {@code /debug/vars} only that it is an object. {@code -Dlodestone.conformance.show=1}
 * prints what was answered.
 */
package io.lodestone.conformance.gateway;
