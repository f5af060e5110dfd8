package io.lodestone.conformance.gateway;

/** What came back. Immutable. */
record Reply(int status, String contentType, String body) {
  @Override
  public String toString() {
    return status + " " + contentType + "\n" + body;
  }
}
