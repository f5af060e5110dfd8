package io.lodestone.server.metrics;

/** Upper bounds of histograms, as etcd has them: each twice the one before. */
final class Buckets {
  private Buckets() {}

  static double[] doubling(double first, int count) {
    double[] bounds = new double[count];
    double next = first;
    for (int i = 0; i < count; i++) {
      bounds[i] = next;
      next *= 2;
    }
    return bounds;
  }
}
