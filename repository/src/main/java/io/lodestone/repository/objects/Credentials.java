package io.lodestone.repository.objects;

/** An access key and its secret; prints without the secret. Immutable. */
public record Credentials(String accessKey, String secretKey) {
  @Override
  public String toString() {
    return "Credentials[accessKey=" + accessKey + ", secretKey=***]";
  }
}
