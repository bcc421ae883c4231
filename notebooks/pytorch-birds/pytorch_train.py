"""Train a small residual network to tell two kinds of birds apart.

The pictures are drawn here: wagtails have long tails and short beaks, snipes short tails and long beaks. Colours,
sizes, poses, branches and noise say nothing about the kind, so the network has to learn the shapes.
"""

import argparse
import time
from pathlib import Path

import matplotlib as mpl
import numpy as np
import torch
from azureml.core import Run
from torch import nn
from torch.nn import functional as F

mpl.use("Agg")
import matplotlib.pyplot as plt

KINDS = ("wagtail", "snipe")
SIZE = 32


def draw_birds(count, generator):
    """Draw birds: images (count, 3, 32, 32) with values around 0..1, and their kinds (count,) as 0 or 1."""

    def random(low, high):
        return low + (high - low) * torch.rand(count, 1, 1, generator=generator)

    kinds = torch.randint(0, 2, (count,), generator=generator)
    snipe = kinds.view(-1, 1, 1).float()
    y, x = torch.meshgrid(torch.linspace(-1, 1, SIZE), torch.linspace(-1, 1, SIZE), indexing="ij")

    # Coordinates of a bird that looks to the right, whatever its pose is in the picture.
    angle, scale, side = random(-0.4, 0.4), random(0.95, 1.3), random(0, 1).round() * 2 - 1
    x, y = (x - random(-0.15, 0.15)) * side, y - random(-0.15, 0.15)
    x, y = (x * angle.cos() + y * angle.sin()) / scale, (y * angle.cos() - x * angle.sin()) / scale

    def ellipse(cx, cy, rx, ry):
        return (((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1).float()

    def colour(low, high):
        return low + (high - low) * torch.rand(count, 3, 1, 1, generator=generator)

    beak = random(0.08, 0.2) + 0.2 * snipe
    tail = random(0.35, 0.6) - 0.25 * snipe
    branch = ((y - random(0.3, 0.6) - random(-0.4, 0.4) * x).abs() < 0.05).float()
    images = colour(0.4, 1.0).expand(-1, -1, SIZE, SIZE)
    for shape, shade in (
        (branch, colour(0.2, 0.7)),
        (ellipse(-0.25 - tail / 2, 0.0, tail / 2 + 0.1, 0.08), colour(0.0, 0.5)),
        (ellipse(0.0, 0.05, random(0.3, 0.42), random(0.2, 0.28)), colour(0.0, 0.6)),
        (ellipse(0.36, -0.22, 0.18, 0.18), colour(0.0, 0.5)),
        (ellipse(0.48 + beak / 2, -0.2, beak / 2 + 0.05, 0.07), colour(0.0, 0.5)),
    ):
        images = torch.where(shape.unsqueeze(1) > 0, shade, images)
    return images + 0.1 * torch.randn(images.shape, generator=generator), kinds


class Block(nn.Module):
    """Two convolutions and a way around them."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.around = (
            nn.Conv2d(inputs, outputs, 1, stride, bias=False) if (inputs, stride) != (outputs, 1) else nn.Identity()
        )

    def forward(self, x):
        inside = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return F.relu(inside + self.around(x))


def residual_network():
    """Three blocks, each at half the resolution of the one before."""
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        Block(16, 16, 2),
        Block(16, 32, 2),
        Block(32, 64, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, len(KINDS)),
    )


def train_epoch(network, images, kinds, optimizer, schedule, batch=50):
    """Show every image once; returns the mean loss."""
    network.train()
    total = 0.0
    for chosen in torch.randperm(len(images)).split(batch):
        optimizer.zero_grad()
        loss = F.cross_entropy(network(images[chosen]), kinds[chosen])
        loss.backward()
        optimizer.step()
        schedule.step()
        total += loss.item() * len(chosen)
    return total / len(images)


@torch.no_grad()
def predict(network, images):
    """Return the kinds that the network sees in the images."""
    network.eval()
    return torch.cat([network(part).argmax(1) for part in images.split(250)])


def plot_curves(losses, accuracies):
    """Loss and accuracy over the epochs, side by side."""
    figure, axes = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
    for axis, title, values in zip(axes, ("loss", "accuracy"), (losses, accuracies), strict=True):
        axis.plot(range(1, len(values) + 1), values, marker="o")
        axis.set(title=title, xlabel="epoch")
    return figure


def plot_birds(images, kinds, predicted):
    """The first test pictures, each with what the network says it is."""
    figure, axes = plt.subplots(2, 6, figsize=(8, 3), layout="constrained")
    for axis, image, kind, guess in zip(axes.flat, images, kinds, predicted, strict=False):
        axis.imshow(image.clamp(0, 1).permute(1, 2, 0).cpu().numpy())
        axis.set_title(KINDS[guess], color="black" if kind == guess else "red")
        axis.set_axis_off()
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--num_epochs", type=int, default=10, help="times that every picture is shown")
    parser.add_argument("--output_dir", default="./outputs", help="where the model is written")
    parser.add_argument("--images", type=int, default=3000, help="pictures to learn from")
    parser.add_argument("--seed", type=int, default=1, help="draws the pictures and starts the network")
    args = parser.parse_args()

    run = Run.get_context()
    outputs = Path(args.output_dir)
    outputs.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    generator = torch.Generator().manual_seed(args.seed)
    torch.manual_seed(args.seed)

    images, kinds = (part.to(device) for part in draw_birds(args.images, generator))
    test_images, test_kinds = (part.to(device) for part in draw_birds(500, generator))
    network = residual_network().to(device)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.01)
    steps = args.num_epochs * -(-args.images // 50)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.005, total_steps=steps)
    parameters = sum(values.numel() for values in network.parameters())
    print(f"{args.images} pictures of {' and '.join(KINDS)}, {parameters:,} parameters, on {device}")

    losses, accuracies = [], []
    for epoch in range(1, args.num_epochs + 1):
        begun = time.perf_counter()
        losses.append(train_epoch(network, images, kinds, optimizer, schedule))
        predicted = predict(network, test_images)
        accuracies.append((predicted == test_kinds).float().mean().item())
        run.log("loss", losses[-1])
        run.log("accuracy", accuracies[-1])
        took = time.perf_counter() - begun
        print(f"epoch {epoch}/{args.num_epochs}  loss {losses[-1]:.3f}  accuracy {accuracies[-1]:.3f}  {took:.1f} s")

    torch.save(network.state_dict(), outputs / "model.pt")
    np.savez_compressed(
        outputs / "test.npz",
        images=test_images.clamp(0, 1).cpu().numpy().astype("float16"),
        kinds=test_kinds.cpu().numpy(),
        predicted=predicted.cpu().numpy(),
    )
    curves = plot_curves(losses, accuracies)
    curves.savefig(outputs / "curves.png")
    run.log_image("curves", plot=curves)
    run.log_image("birds", plot=plot_birds(test_images, test_kinds, predicted))
    run.tag("device", str(device))
    print(f"saved {outputs / 'model.pt'}")


if __name__ == "__main__":
    main()
