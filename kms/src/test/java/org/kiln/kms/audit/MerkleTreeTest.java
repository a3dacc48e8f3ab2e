package org.kiln.kms.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The reference tree of Certificate Transparency's own tests. */
class MerkleTreeTest {

    private static final String[] LEAVES = {
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
    };
    private static final String[] ROOTS = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    };

    @Test
    void hasTheRootsOfTheReferenceTree() {
        MerkleTree tree = new MerkleTree();
        assertThat(tree.root()).isEqualTo(ROOTS[0]);
        for (int i = 0; i < LEAVES.length; i++) {
            tree.add(HexFormat.of().parseHex(LEAVES[i]));
            assertThat(tree.root()).isEqualTo(ROOTS[i + 1]);
            assertThat(tree.leaves()).isEqualTo(i + 1);
        }
    }

    /** RFC 9162 clause 2.1.1, as it stands there. */
    private static byte[] asDefined(List<byte[]> leaves) {
        int size = leaves.size();
        if (size == 0) {
            return MerkleTree.sha256();
        }
        if (size == 1) {
            return MerkleTree.sha256(new byte[] {0}, leaves.getFirst());
        }
        int left = Integer.highestOneBit(size - 1);
        return MerkleTree.sha256(
                new byte[] {1}, asDefined(leaves.subList(0, left)), asDefined(leaves.subList(left, size)));
    }

    private static void requireAsDefined(MerkleTree tree, List<byte[]> leaves) {
        assertThat(tree.root())
                .as("%d leaves", leaves.size())
                .isEqualTo(HexFormat.of().formatHex(asDefined(leaves)));
    }

    @Test
    void whatIsKeptOfATreeGivesTheRootOfAnyThatGoesOn() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<byte[]> leaves = new ArrayList<>();
        MerkleTree kept = new MerkleTree();
        for (int size = 0; size <= 200; size++) {
            requireAsDefined(kept, leaves);
            byte[] leaf = new byte[32];
            random.nextBytes(leaf);
            leaves.add(leaf);
            String before = kept.root();
            MerkleTree longer = new MerkleTree(kept);
            longer.add(leaf);
            assertThat(kept.root()).isEqualTo(before);
            kept = longer;
        }
        for (int round = 0; round < 20; round++) {
            MerkleTree longer = new MerkleTree(kept);
            for (int more = random.nextInt(300); more > 0; more--) {
                byte[] leaf = new byte[32];
                random.nextBytes(leaf);
                leaves.add(leaf);
                longer.add(leaf);
            }
            kept = longer;
            requireAsDefined(kept, leaves);
        }
    }
}
