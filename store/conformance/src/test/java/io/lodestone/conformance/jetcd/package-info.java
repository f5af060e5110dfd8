/**
 * jetcd, the client of JVM teams, against stock etcd and the candidate: each scene is played on
 * both, and what jetcd hands its caller is compared line by line.
 */
package io.lodestone.conformance.jetcd;
