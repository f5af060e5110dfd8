package io.lodestone.conformance.gateway;

/**
 * One HTTP request to the gateway. Immutable.
 *
 * @param token an auth token, or empty
 * @param lines 0 to read the whole body; otherwise the response is dropped after so many lines
 */
record Exchange(String method, String path, String body, String token, int lines) {

  static Exchange post(String path, String body) {
    return new Exchange("POST", path, body, "", 0);
  }

  static Exchange get(String path) {
    return new Exchange("GET", path, "", "", 0);
  }

  Exchange untilLines(int count) {
    return new Exchange(method, path, body, token, count);
  }

  Exchange as(String someToken) {
    return new Exchange(method, path, body, someToken, lines);
  }

  @Override
  public String toString() {
    String shown = body.length() > 160 ? body.substring(0, 160) + "..." : body;
    return method + " " + path + " " + shown + (token.isEmpty() ? "" : " with token");
  }
}
